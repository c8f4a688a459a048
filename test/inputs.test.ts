/** One input as a whole (spec §1.6 and §2): what its operations share, and what it leaves behind. */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { decodeFunctionData } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../dapp/engine/balances.ts";
import type { DeviceSigner } from "../node-client/client/device/device-signer.ts";
import { encodeWire } from "../spec/codec.ts";
import { encodeEvmAdvance } from "../spec/evm-advance.ts";
import { computeEpochKeyHash } from "../spec/grant-keys.ts";
import { OPERATIONS_MAX, PAYLOAD_BYTES_MAX, READINGS_PER_INPUT_MAX } from "../spec/limits.ts";
import { NOTICES_ABI } from "../spec/notices.ts";
import { encodeOperation } from "../spec/operation-codec.ts";
import type { AdvanceResult } from "../spec/outputs.ts";
import { ETHER } from "../spec/portals.ts";
import {
  bySender,
  type Engine,
  integers,
  metric,
  openEngine,
  refusalsOf,
  signedBy,
  World,
} from "./arbitraries/world.ts";

const crypto = await createNodeCrypto();
const METRICS = [metric("a")];
const open = { isSealed: false, retentionSec: 0, metrics: METRICS, epochKeyHashes: [] } as const;
const declare = (name: string) => ({ kind: "declare_stream", deviceId: 1, name, ...open }) as const;
const one = [Float64Array.of(60), [integers(1)]] as const;
const many = (count: number) =>
  [new Float64Array(count), [integers(...new Array<number>(count).fill(0))]] as const;

const somewhere = new World("inputs", crypto);
const [ada, ben] = [somewhere.person("ada"), somewhere.person("ben")];
let world: World;
let engine: Engine;
let signer: DeviceSigner;
/** Ada has 100 wei, and device 1 with the open stream 1. Every time the same to the byte. */
async function begin() {
  const world = new World("inputs", crypto);
  const engine = await openEngine(world);
  const signer = world.device();
  engine.apply(world.depositEther(ada, 100n));
  engine.apply(world.bySender(ada, world.registerDevice(ada, signer), declare("one")));
  return { world, engine, signer };
}
beforeEach(async () => {
  ({ world, engine, signer } = await begin());
});
const give = (amount: bigint) =>
  ({ kind: "transfer", token: ETHER, to: ben.address, amount }) as const;
const writer = (streamId: number, nextSequence = 0) =>
  world.writer(signer, { deviceId: 1, streamId, metrics: METRICS, nextSequence });
const namesOf = (result: AdvanceResult) =>
  result.outputs.map((output) =>
    output.kind === "notice"
      ? decodeFunctionData({ abi: NOTICES_ABI, data: output.payload }).functionName
      : output.kind,
  );

describe("the operations of an input", () => {
  test("apply around a refused one, which leaves nothing", () => {
    const result = engine.apply(world.bySender(ada, give(60n), give(50n), give(40n)));
    expect(result.status).toBe("accepted");
    expect(refusalsOf(result)).toEqual(["balance_too_low"]);
    expect(namesOf(result)).toEqual(["Transferred", "Transferred", "StateCommitted"]);
    expect(balanceOf(engine.store, ada.address, ETHER)).toBe(0n);
    expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
  });
  test("give the root of the same operations without the refused ones", async () => {
    const other = await begin();
    other.engine.apply(other.world.bySender(ada, give(60n), give(40n)));
    engine.apply(world.bySender(ada, give(60n), declare("one"), give(40n), give(1n)));
    expect(engine.store.getRoot()).toEqual(other.engine.store.getRoot());
  });
  test("see what was declared before them: a device, its stream and its first batch at once", () => {
    const device = world.device("p256");
    const stream = { ...declare("two"), deviceId: 2 };
    const first = world.writer(device, { deviceId: 2, streamId: 2, metrics: METRICS });
    const operations = [bySender(world.registerDevice(ada, device)), bySender(stream)];
    const result = engine.apply(
      world.send(ada, ...operations, first.write(...one).operation, first.write(...one).operation),
    );
    expect(refusalsOf(result)).toEqual([]);
    expect(engine.query({ query: "stream", stream_id: 2 })).toMatchObject({ next_sequence: 2 });
  });
  test("of a device end with its revocation, and those before it stay", () => {
    const batches = writer(1);
    const revoke = bySender({ kind: "revoke_device", deviceId: 1 });
    const [before, after] = [batches.write(...one).operation, batches.write(...one).operation];
    const result = engine.apply(world.send(ada, before, revoke, after, bySender(declare("late"))));
    expect(refusalsOf(result)).toEqual(["device_revoked", "device_revoked"]);
    expect(namesOf(result)).toEqual(["SubmissionAccepted", "DeviceRevoked", "StateCommitted"]);
    expect(engine.query({ query: "stream", stream_id: 1 })).toMatchObject({ batch_count: 1 });
  });
  test("after a rotated key need the new one, within the input too", () => {
    const next = world.device("secp256k1");
    const { key, possession } = world.registerDevice(ada, next) as never;
    const rotate = bySender({ kind: "rotate_device_key", deviceId: 1, key, possession });
    const old = writer(1).write(...one).operation;
    const mine = world.writer(next, { deviceId: 1, streamId: 1, metrics: METRICS });
    const result = engine.apply(world.send(ada, rotate, old, mine.write(...one).operation));
    expect(refusalsOf(result)).toEqual(["submission_signature_wrong"]);
    expect(namesOf(result)).toEqual(["DeviceKeyRotated", "SubmissionAccepted", "StateCommitted"]);
  });
  test("of a relayed account keep its nonce where they are refused", async () => {
    const relayed = await signedBy(ada, 0, give(101n));
    const good = await signedBy(ada, 0, give(1n));
    const next = await signedBy(ada, 1, give(2n));
    expect(refusalsOf(engine.apply(world.send(ben, relayed, relayed)))).toHaveLength(2);
    expect(engine.store.accounts.get(ada.address)?.nonce).toBe(0);
    const result = engine.apply(world.send(ben, relayed, good, good, next));
    expect(refusalsOf(result)).toEqual(["balance_too_low", "authorization_nonce_wrong"]);
    expect(engine.store.accounts.get(ada.address)?.nonce).toBe(2);
  });
  test("may be 256, all of which apply", () => {
    const result = engine.apply(
      world.bySender(ada, ...new Array(OPERATIONS_MAX).fill(give(0n)).fill(give(1n), 0, 100)),
    );
    expect(refusalsOf(result)).toEqual(new Array(156).fill("amount_zero"));
    expect(result.outputs).toHaveLength(101);
  });
});

describe("a stream's chain", () => {
  test("goes on after a declared break, which is counted", () => {
    const lost = writer(1);
    engine.apply(world.send(ada, lost.write(...one).operation));
    lost.write(...one); // Never sent: the device believes in a batch that the machine never saw.
    const broken = lost.write(...one, 0);
    expect(refusalsOf(engine.apply(world.send(ada, broken.operation)))).toEqual([]);
    expect(refusalsOf(engine.apply(world.send(ada, lost.write(...one).operation)))).toEqual([]);
    expect(engine.query({ query: "stream", stream_id: 1 })).toMatchObject({
      ...{ next_sequence: 4, batch_count: 3, reading_count: 3, break_count: 1 },
    });
    const [first, second, third] = [1, 2, 3].map((batchId) => engine.store.batches.get(batchId)!);
    expect([first, second, third].map((batch) => batch?.isBreak)).toEqual([false, true, false]);
    expect(bytesToHex(second!.previousHash)).toBe("1".padStart(64, "0"));
    expect(third?.previousHash).toEqual(second?.batchHash);
  });
  test("does not take the batch that was lost, once a later one is in", () => {
    const late = writer(1);
    engine.apply(world.send(ada, late.write(...one).operation));
    const lost = late.write(...one);
    engine.apply(world.send(ada, late.write(...one, 0).operation));
    expect(refusalsOf(engine.apply(world.send(ada, lost.operation)))).toEqual([
      "submission_sequence_used",
    ]);
  });
  test("does not lose a batch that is needed to a stranger who sends its break first", () => {
    const device = writer(1);
    engine.apply(world.send(ada, device.write(...one).operation));
    const needed = device.write(...one).operation;
    const broken = device.write(...one, 1).operation;
    expect(refusalsOf(engine.apply(world.send(ben, broken)))).toEqual(["break_too_early"]);
    expect(refusalsOf(engine.apply(world.send(ben, needed, broken)))).toEqual([]);
    expect(engine.store.streams.get(1)).toMatchObject({ nextSequence: 3, breakCount: 1 });
  });
  test("does not take a break whose floor was altered on its way", () => {
    const device = writer(1);
    engine.apply(world.send(ada, device.write(...one).operation));
    device.write(...one);
    const broken = device.write(...one, 1).operation;
    for (const breakFloor of [0, 1, 3]) {
      const altered = { ...broken, body: { ...broken.body, breakFloor } } as typeof broken;
      const refused = breakFloor > 1 ? "break_too_early" : "submission_signature_wrong";
      expect(refusalsOf(engine.apply(world.send(ben, altered)))).toEqual([refused]);
    }
  });
  test("needs readings that its device has written", () => {
    const device = writer(1);
    device.write(...one);
    for (const needed of [-1, 1, 0.5, Number.NaN])
      expect(() => device.write(...one, needed)).toThrow(RangeError);
  });
});

describe("the bounds of an input", () => {
  test("are used up by batches together, and are new for the next input", () => {
    const first = writer(1);
    const half = many(READINGS_PER_INPUT_MAX / 2);
    const batches = [first.write(...half), first.write(...half), first.write(...one)];
    const operations = batches.map(({ operation }) => operation);
    const result = engine.apply(world.send(ada, ...operations));
    expect(refusalsOf(result)).toEqual(["operation_readings_over_bounds"]);
    expect(refusalsOf(engine.apply(world.send(ada, operations[2]!)))).toEqual([]);
  });
  test("are not touched by what is refused before any work is done", () => {
    const most = writer(1).write(...many(READINGS_PER_INPUT_MAX)).operation;
    const elsewhere = { ...most, body: { ...most.body, streamId: 9 } } as typeof most;
    const result = engine.apply(world.send(ada, elsewhere, most));
    expect(refusalsOf(result)).toEqual(["stream_not_found"]);
  });
  test("hold a payload of 65,216 bytes and none of one more", () => {
    const shell = encodeWire([encodeOperation(bySender(give(1n))), new Uint8Array(65_000)]);
    const rest = PAYLOAD_BYTES_MAX - 1 - shell.length;
    const list = [encodeOperation(bySender(give(1n))), new Uint8Array(65_000 + rest)];
    const payload = Uint8Array.of(1, ...encodeWire(list));
    expect(payload.length).toBe(PAYLOAD_BYTES_MAX);
    expect(refusalsOf(engine.apply(world.raw(ada.address, payload)))).toEqual([
      "operation_malformed",
    ]);
    const longer = engine.apply(world.raw(ada.address, Uint8Array.of(...payload, 0)));
    expect(longer.status).toBe("rejected");
    expect(refusalsOf(longer)).toEqual(["envelope_over_bounds"]);
  });
});

describe("an accepted input", () => {
  test("ends with a notice of its place, hash, roots, and what became of each operation", () => {
    const before = engine.store.getRoot();
    const input = world.bySender(ada, give(1n), give(0n), give(2n));
    const last = engine.apply(input).outputs.at(-1)!;
    const { functionName, args } = decodeFunctionData({ abi: NOTICES_ABI, data: last.payload });
    expect(functionName).toBe("StateCommitted");
    const inputHash = crypto.keccak256(encodeEvmAdvance(input.at, input.payload));
    const hashes = [inputHash, before, engine.store.getRoot()].map(
      (bytes) => `0x${Buffer.from(bytes).toString("hex")}`,
    );
    expect(args).toEqual([BigInt(input.at.inputIndex), ...hashes, "0x0001801e0001"]);
  });
  test("is no longer needed: its bytes may be overwritten", () => {
    const next = world.device();
    const key = world.registerDevice(ada, next);
    const inputs = [
      world.bySender(ada, key, { ...declare("two"), deviceId: 2 }),
      world.send(ada, writer(1).write(...one).operation),
    ];
    for (const { at, payload } of inputs) {
      const sender = at.sender.slice();
      expect(engine.apply({ at: { ...at, sender }, payload }).status).toBe("accepted");
      payload.fill(0xff);
      sender.fill(0xff);
    }
    const second = world.writer(next, { deviceId: 2, streamId: 2, metrics: METRICS });
    const { operation } = second.write(...one);
    expect(refusalsOf(engine.apply(world.send(ada, operation)))).toEqual([]);
    const chained = world.bySender(ada, { kind: "revoke_device", deviceId: 2 });
    expect(refusalsOf(engine.apply(chained))).toEqual([]);
    expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
  });
});

describe("a report", () => {
  const reportsOf = (result: AdvanceResult) =>
    result.reports.map((report) => JSON.parse(Buffer.from(hexToBytes(report.slice(2))).toString()));

  test("names operation, refusal, code and what to mend", () => {
    const result = engine.apply(world.bySender(ada, give(1n), give(100n)));
    expect(reportsOf(result)).toEqual([
      {
        refusal: "balance_too_low",
        code: 32,
        operation: 1,
        detail: `has 99 of token 0x${"00".repeat(20)}, needs 100`,
        values: { balance: "99", token: `0x${"00".repeat(20)}`, amount: "100" },
      },
    ]);
  });
  test("of a sealed input says nothing of what was inside", () => {
    const input = world.sealedBy(ada, bySender(give(1n)), bySender(give(100n)));
    expect(reportsOf(engine.apply(input))).toEqual([
      { refusal: "balance_too_low", code: 32, operation: 1, detail: "", values: {} },
    ]);
  });
  test("of an input that does not open names no operation", () => {
    const { payload } = world.sealedBy(ada, bySender(give(1n)));
    const result = engine.apply(world.raw(ben.address, payload));
    expect(reportsOf(result)).toMatchObject([{ refusal: "envelope_seal_broken", operation: null }]);
  });
});

describe("grants", () => {
  test("of an epoch that is over are sold by the keys of that epoch", () => {
    const epochs = [0, 1, 2].map(() => [world.random(32)]);
    const hashes = epochs.map(([key]) => [computeEpochKeyHash(crypto, key!)]);
    const sealed = { ...declare("sealed"), isSealed: true, epochKeyHashes: hashes[0]! };
    const rotate = (epoch: number) =>
      ({ kind: "rotate_epoch", streamId: 2, epoch, epochKeyHashes: hashes[epoch]! }) as const;
    engine.apply(world.bySender(ada, sealed, rotate(1), rotate(2)));
    engine.apply(world.bySender(ben, { kind: "register_encryption_key", key: ben.encryptionKey }));
    const expiresAtSec = world.timestampSec + 100;
    const grants = [0, 2].map((epoch) =>
      world.grant(ben, {
        streamId: 2,
        epoch,
        groups: 1,
        epochKeys: epochs[epoch]!,
        expiresAtSec,
      }),
    );
    expect(refusalsOf(engine.apply(world.bySender(ada, ...grants)))).toEqual([]);
    const buyer = `0x${Buffer.from(ben.address).toString("hex")}`;
    const answer = engine.query({ query: "grants", buyer, now: expiresAtSec - 1 });
    const toHex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
    expect(answer).toMatchObject({
      grants: [
        { epoch: 0, key_hashes: [toHex(hashes[0]![0]!)], is_live: true },
        { epoch: 2, key_hashes: [toHex(hashes[2]![0]!)], is_live: true },
      ],
    });
    expect(engine.query({ query: "grants", buyer, now: expiresAtSec })).toMatchObject({
      grants: [{ is_live: false }, { is_live: false }],
    });
  });
});
