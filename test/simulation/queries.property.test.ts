import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, test } from "vitest";
import { ANSWER_BYTES_MAX } from "../../spec/limits.ts";
import { makeHostile } from "../arbitraries/hostile-payloads.ts";
import { hostileQuery } from "../arbitraries/hostile-queries.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";
import { openHistoryEngine, PreparedState } from "./hostile-run.ts";

/**
 * No query stops the machine, touches the state, or is answered by more than a report holds. The
 * state it is asked of has been under attack, so its batches are as odd as the rules let them be.
 */

const CPU_MS_MAX = 2_000;
const PAYLOADS = 4_000;
const counts = { queries: 0, answered: 0, answerBytesMax: 0, cpuMsMax: 0, dearest: "" };

test("a query gets one answer, whatever it says", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("queries"));
  const engine = await openHistoryEngine();
  const run = (await PreparedState.build(rng.next())).putOn(engine);
  for (let i = 0; i < PAYLOADS; i++) engine.apply(makeHostile(run, rng.next()));
  const root = bytesToHex(engine.store.getRoot());
  const queryCount = runs(200_000);
  for (let i = 0; i < queryCount; i++) {
    const query = hostileQuery(rng);
    const text = Buffer.from(query.subarray(0, 500)).toString("utf8");
    const before = process.cpuUsage();
    const reports = engine.inspect(query);
    const { user, system } = process.cpuUsage(before);
    assert.equal(reports.length, 1, text);
    const bytes = Buffer.from(reports[0]!.slice(2), "hex");
    const answer: unknown = JSON.parse(bytes.toString("utf8"));
    assert.ok(typeof answer === "object" && answer !== null && !Array.isArray(answer), text);
    assert.ok(bytes.length <= ANSWER_BYTES_MAX, text);
    note(text, bytes.length, !("error" in answer), (user + system) / 1_000);
  }
  assert.equal(bytesToHex(engine.store.getRoot()), root);
  assert.equal(bytesToHex(engine.store.rescanRoot()), root);
});

function note(text: string, byteCount: number, isAnswered: boolean, cpuMs: number): void {
  counts.queries += 1;
  if (isAnswered) counts.answered += 1;
  counts.answerBytesMax = Math.max(counts.answerBytesMax, byteCount);
  assert.ok(cpuMs < CPU_MS_MAX, `${cpuMs} ms: ${text}`);
  if (cpuMs <= counts.cpuMsMax) return;
  counts.cpuMsMax = cpuMs;
  counts.dearest = text.slice(0, 120);
}

afterAll(() => process.stdout.write(`queries: ${JSON.stringify(counts)}\n`));
