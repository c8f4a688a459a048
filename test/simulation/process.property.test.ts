import assert from "node:assert/strict";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { afterAll, afterEach, test } from "vitest";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import type { HttpMachine } from "../../node-client/node/machine/http-machine.ts";
import { HistoryBuilder, STEP_KINDS } from "../arbitraries/histories.ts";
import { makeHostile } from "../arbitraries/hostile-payloads.ts";
import { hostileQuery } from "../arbitraries/hostile-queries.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import type { Engine } from "../arbitraries/world.ts";
import { runs, seed } from "../seed.ts";
import { startBundle } from "./bundle.ts";
import { openHistoryEngine, PreparedState } from "./hostile-run.ts";

/**
 * The dApp as it runs: the built file in a process, behind sockets. It answers every input and every
 * query as the engine in this process does, and outlives them all.
 */

const LENGTH_MAX = 8;
/** One process serves so many sequences on one state; then a fresh one begins. */
const SEQUENCES_A_PROCESS = 100;
const ROOT_QUERY = utf8ToBytes('{"query":"root"}');
const counts = { sequences: 0, inputs: 0, processes: 0, hostile: 0, accepted: 0, queries: 0 };
let machine: HttpMachine | undefined;

async function restart(): Promise<HttpMachine> {
  await machine?.close();
  machine = await startBundle();
  counts.processes += 1;
  return machine;
}

afterEach(async () => {
  await machine?.close();
  machine = undefined;
});
afterAll(() => process.stdout.write(`process: ${JSON.stringify(counts)}\n`));

async function playBoth(machine: HttpMachine, engine: Engine, input: HistoryInput): Promise<void> {
  const expected = engine.apply(input);
  const actual = await machine.advance(input.at, input.payload);
  assert.deepEqual(
    actual,
    expected,
    `input ${input.at.inputIndex}: 0x${bytesToHex(input.payload)}`,
  );
  if (expected.status === "accepted") counts.accepted += 1;
}

async function compareQuery(
  machine: HttpMachine,
  engine: Engine,
  query: Uint8Array,
): Promise<void> {
  const actual = await machine.inspect(query);
  assert.deepEqual(actual, { status: "accepted", reports: engine.inspect(query) });
}

test("the built process applies sequences as the engine does", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("process"));
  let engine = await openHistoryEngine();
  let served = await restart();
  let builder = new HistoryBuilder();
  const sequenceCount = runs(1_000);
  for (let sequence = 0; sequence < sequenceCount; sequence++) {
    if (sequence > 0 && sequence % SEQUENCES_A_PROCESS === 0) {
      served = await restart();
      engine = await openHistoryEngine();
      builder = new HistoryBuilder();
    }
    const length = rng.between(1, LENGTH_MAX);
    for (let i = 0; i < length; i++) {
      const input = builder.build({ kind: rng.pick(STEP_KINDS), seed: rng.next() });
      await playBoth(served, engine, input);
    }
    await compareQuery(served, engine, ROOT_QUERY);
    counts.sequences += 1;
    counts.inputs += length;
  }
});

test("hostile inputs do not stop the built process", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("process hostile"));
  const engine = await openHistoryEngine();
  const prepared = await PreparedState.build(rng.next());
  const run = prepared.putOn(engine);
  const served = await restart();
  for (const { at, payload } of prepared.inputs) await served.advance(at, payload);
  await compareQuery(served, engine, ROOT_QUERY);
  const payloadCount = runs(30_000);
  for (let i = 0; i < payloadCount; i++) {
    await playBoth(served, engine, makeHostile(run, rng.next()));
    if (i % 2 === 0) await compareQuery(served, engine, hostileQuery(rng));
    if (i % 100 === 0) await compareQuery(served, engine, ROOT_QUERY);
    counts.hostile += 1;
    counts.queries += i % 2 === 0 ? 1 : 0;
  }
  await compareQuery(served, engine, ROOT_QUERY);
});
