import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, expect, test } from "vitest";
import { decodePaddedWire, encodeWire } from "../../spec/codec.ts";
import { decodeOperation, encodeOperation } from "../../spec/operation-codec.ts";
import { isRefused, REFUSALS } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import {
  HOSTILE_KINDS,
  type HostileInput,
  listDearHostile,
  makeHostile,
} from "../arbitraries/hostile-payloads.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";
import { openHistoryEngine, PreparedState } from "./hostile-run.ts";
import { scanLedger } from "./ledger-scan.ts";
import { ResultInvariants, readReport } from "./result-invariants.ts";

/**
 * No input of any content stops the machine, exceeds its bounds, leaves a trace when it is rejected
 * or makes money. One engine takes them all; a prepared state is put back on it now and
 * then, because in the long run the senders lose what can be attacked.
 */

const RESTORE_EVERY = 2_500;
const RESCAN_EVERY = 1_000;
const STATE_COUNT = 4;
const CPU_MS_MAX = 2_000;
const SETTLEMENT_REFUSALS_FROM = 140;
/** Of a state that is half full and more: the property of full states fills one. */
const OF_LITTLE_ROOM: readonly string[] = ["state_full", "growth_over_payload", "bond_too_low"];
const MEMORY_GROWTH_BYTES_MAX = 400 * 2 ** 20;

interface Tally {
  count: number;
  accepted: number;
  cpuMs: number;
  cpuMsMax: number;
}
const tallies = new Map<string, Tally>();
const refusals = new Map<string, number>();

test("no payload stops the machine", { timeout: 3_600_000 }, async () => {
  const rng = new SeededRng(seed("hostile"));
  const engine = await openHistoryEngine();
  const payloadCount = runs(1_000_000);
  const preparedStates: PreparedState[] = [];
  while (preparedStates.length < STATE_COUNT)
    preparedStates.push(await PreparedState.build(rng.next()));
  let memoryAfterFirst = 0;
  let run = preparedStates[0]!.putOn(engine);
  let invariants = new ResultInvariants(engine);
  const attack = (input: HostileInput, name: string, isDeep: boolean): void => {
    try {
      const before = process.cpuUsage();
      const result = engine.apply(input);
      const { user, system } = process.cpuUsage(before);
      note(input, result.status, (user + system) / 1_000);
      invariants.observe(input, result, isDeep);
      checkEncoding(input.payload);
      for (const report of result.reports) {
        const { refusal } = readReport(report);
        refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
      }
    } catch (cause) {
      throw new Error(describe(input, name), { cause });
    }
  };
  const dearSeed = rng.next();
  for (const input of listDearHostile(run, dearSeed)) {
    attack(input, `one of the dearest, seed ${dearSeed}`, false);
  }
  for (let i = 0; i < payloadCount; i++) {
    if (i > 0 && i % RESTORE_EVERY === 0) {
      invariants.rescan();
      scanLedger(engine.store.snapshot());
      run = rng.pick(preparedStates).putOn(engine);
      invariants = new ResultInvariants(engine);
      if (i >= payloadCount / 10) memoryAfterFirst ||= process.memoryUsage().rss;
    }
    const payloadSeed = rng.next();
    const input = makeHostile(run, payloadSeed);
    attack(input, `payload ${i}, seed ${payloadSeed}`, i % RESCAN_EVERY === 0);
  }
  invariants.rescan();
  scanLedger(engine.store.snapshot());
  const growth = process.memoryUsage().rss - memoryAfterFirst;
  if (memoryAfterFirst > 0) assert.ok(growth < MEMORY_GROWTH_BYTES_MAX, `grew by ${growth} bytes`);
  expect(new Set(tallies.keys())).toEqual(new Set(HOSTILE_KINDS));
  // Whatever can be refused was: the payloads get as deep as the rules go. Those of settlement are
  // met by the commands of the model's property, which know channels and escrows.
  const attacked = Object.entries(REFUSALS).filter(
    ([refusal, code]) => code < SETTLEMENT_REFUSALS_FROM && !OF_LITTLE_ROOM.includes(refusal),
  );
  expect(attacked.filter(([refusal]) => !refusals.has(refusal))).toEqual([]);
});

function note({ kind }: HostileInput, status: string, cpuMs: number): void {
  const tally = tallies.get(kind) ?? { count: 0, accepted: 0, cpuMs: 0, cpuMsMax: 0 };
  tallies.set(kind, tally);
  tally.count += 1;
  if (status === "accepted") tally.accepted += 1;
  tally.cpuMs += cpuMs;
  tally.cpuMsMax = Math.max(tally.cpuMsMax, cpuMs);
  assert.ok(cpuMs < CPU_MS_MAX, `one payload took ${cpuMs} ms of CPU`);
}

/** What the decoders let through has one encoding: it packs to the same bytes again. */
function checkEncoding(payload: Uint8Array): void {
  const list = payload[0] === 1 ? decodePaddedWire(payload.subarray(1)) : undefined;
  if (!Array.isArray(list)) return;
  const again = encodeWire(list);
  const { length } = again;
  assert.ok(equalBytes(again, payload.subarray(1, 1 + length)), "a value has one encoding");
  assert.ok(
    payload.subarray(1 + length).every((byte) => byte === 0),
    "zeros follow it",
  );
  for (const item of list.slice(0, 8)) {
    const operation = decodeOperation(item);
    if (isRefused(operation)) continue;
    const again = encodeWire(encodeOperation(operation));
    assert.ok(equalBytes(again, encodeWire(item)), "an operation has one encoding");
  }
}

function describe({ kind, at, payload }: HostileInput, name: string): string {
  return `${name} (${kind}), from 0x${bytesToHex(at.sender)}: 0x${bytesToHex(payload)}`;
}

afterAll(() => {
  const lines = [...tallies].map(
    ([kind, { count, accepted, cpuMs, cpuMsMax }]) =>
      `  ${kind.padEnd(20)} ${count} payloads, ${accepted} accepted, ` +
      `${(cpuMs / count).toFixed(3)} ms each, ${cpuMsMax.toFixed(1)} ms at most\n`,
  );
  const [rarest] = [...refusals].sort(([, a], [, b]) => a - b);
  process.stdout.write(
    `hostile payloads by kind:\n${lines.join("")}` +
      `  all ${refusals.size} refusals met, the rarest ${rarest?.join(" × ")}\n`,
  );
});
