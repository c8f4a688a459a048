/**
 * Readings whose batches have left the state, proved from the chain's own input: first while the
 * batch's row is there, then after it has folded.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import {
  deployClaimedReading,
  readClaimedReading,
} from "../../node-client/chain/claimed-reading.ts";
import { getRoot } from "../../node-client/client/actions/account-queries.ts";
import { submitBatch, submitBatches } from "../../node-client/client/actions/batch-actions.ts";
import { depositEther } from "../../node-client/client/actions/deposit-actions.ts";
import {
  challenge,
  declareStream,
  registerDevice,
} from "../../node-client/client/actions/device-actions.ts";
import {
  proveArchivedReading,
  readArchivedBatch,
} from "../../node-client/client/actions/read-archived-batch.ts";
import {
  getBatch,
  getReadingProof,
  getStream,
} from "../../node-client/client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../node-client/client/actions/tallyroll-client.ts";
import { createDeviceSigner, systemRandom } from "../../node-client/client/device/device-signer.ts";
import { StreamWriter } from "../../node-client/client/device/stream-writer.ts";
import type { Operation } from "../../spec/operations.ts";
import { sealFaulty } from "../arbitraries/faults.ts";
import { integers, metric } from "../arbitraries/world.ts";
import { ClientStack, EPOCH_LENGTH } from "./fixtures/client-stack.ts";
import { startVerifierChain, type VerifierChain } from "./fixtures/verifier-chain.ts";

const crypto = await createNodeCrypto();
const METRICS = [metric("temperature", { scale: 1 })];
const HIDDEN = [metric("a")];
const RETENTION_SEC = 10_000;
const device = createDeviceSigner("ed25519", systemRandom);
const epochKeys = [systemRandom(32)];

let stack: ClientStack;
let verifier: VerifierChain;
let client: TallyrollClient;
let machineKey: Uint8Array;

beforeAll(async () => {
  [stack, verifier] = await Promise.all([ClientStack.start(), startVerifierChain()]);
  client = await stack.connect(getDevelopmentAccount(0));
  machineKey = (await getRoot(client)).machineKey;
  await deployClaimedReading(client.walletClient!);
  await registerDevice(client, { device });
  const retentionSec = RETENTION_SEC;
  await declareStream(client, { deviceId: 1, name: "open", metrics: METRICS, retentionSec });
  const hidden = { deviceId: 1, name: "sealed", metrics: HIDDEN, epochKeys, retentionSec };
  await declareStream(client, hidden);
  const writer = openWriter(1);
  const write = (first: number): Operation =>
    writer.write(Float64Array.of(first, first + 1, first + 2), [integers(first, -first, first + 7)])
      .operation;
  // Batches 1 and 2 of stream 1, and batch 3, false, of stream 2.
  await submitBatches(client, { operations: [write(100), write(200)] });
  await submitBatch(client, { operation: writeFalse() });
  await submitBatch(client, { operation: write(300) });
});
afterAll(async () => {
  await verifier?.stop();
  await stack?.close();
});

const openWriter = (streamId: number): StreamWriter =>
  new StreamWriter(crypto, device, machineKey, systemRandom, {
    ...client.at,
    ...{ deviceId: 1, streamId, metrics: METRICS, epochKeys: undefined },
  });

/** A batch whose group 0 does not give the root that its device committed to. */
function writeFalse(): Operation {
  const draft = {
    ...{ ...client.at, deviceId: 1, streamId: 2, epoch: 0, firstSequence: 0, count: 2 },
    ...{ salt: systemRandom(16), metrics: HIDDEN, times: Float64Array.of(1, 2) },
    ...{ columns: [integers(1, 2)], previousHash: new Uint8Array(32), epochKeys },
  };
  const secret = systemRandom(32);
  const batch = sealFaulty(crypto, draft, epochKeys, "root_differs", 0, machineKey, secret);
  falseKey = batch.batchKeys[0]!;
  const { streamId, epoch, firstSequence, count } = draft;
  const head = { kind: "submit", streamId, epoch, firstSequence, count, breakFloor: 0 } as const;
  return {
    authorization: { by: "device", signature: device.sign(batch.signedBytes) },
    body: { ...head, sealed: batch.sealed },
  };
}
let falseKey: Uint8Array;

/** Any input tidies. */
async function letTimePass(seconds: number): Promise<void> {
  await stack.request("evm_increaseTime", [seconds]);
  await depositEther(client, { amountWei: 1n });
}

/** The reading 201 of batch 2: proved to both contracts. */
async function expectProven(): Promise<void> {
  const waiting = proveArchivedReading(client, { batchId: 2, sequence: 4, timeoutMs: 60_000 });
  await stack.mine(3 * EPOCH_LENGTH);
  const proven = await waiting;
  expect(proven).toMatchObject({ sequence: 4, batch: { batchId: 2, streamId: 1 } });
  const commitment = Buffer.from(proven.batch.commitment.slice(2), "hex");
  expect(await verifier.verify(commitment, proven.proof)).toBe(true);
  const other = { ...proven.proof, readingIndex: 0 };
  expect(await verifier.verify(commitment, other)).toBe(false);
  const read = await readClaimedReading(client.publicClient, { ...proven, metrics: [0] });
  expect(read).toMatchObject({ batchId: 2, sequence: 4, values: [-200n] });
}

describe("once its batch is archived", () => {
  beforeAll(() => letTimePass(RETENTION_SEC + 100));

  test("the state proves a reading no more", async () => {
    expect(await getBatch(client, { batchId: 2 })).toMatchObject({ isArchived: true, body: null });
    const asked = getReadingProof(client, { streamId: 1, sequence: 4 });
    await expect(asked).rejects.toMatchObject({ reason: "batch_archived" });
  });

  test("the chain's input does", expectProven);

  test("a false batch is disproved by the body that the challenger brings along", async () => {
    const archived = await readArchivedBatch(client, { batchId: 3 });
    const place = { batchId: 3, group: 0, batchKey: falseKey };
    await expect(challenge(client, place)).rejects.toMatchObject({ refusal: "batch_archived" });
    await challenge(client, { ...place, archived });
    expect((await getBatch(client, { batchId: 3 })).disprovedGroup).toBe(0);
  });
});

describe("once its batch has folded", () => {
  beforeAll(() => letTimePass(RETENTION_SEC));

  test("the state knows how many have", async () => {
    expect(await getStream(client, { streamId: 1 })).toMatchObject({ foldedCount: 3 });
    const asked = getBatch(client, { batchId: 2 });
    await expect(asked).rejects.toMatchObject({ reason: "batch_not_found" });
    expect(await readArchivedBatch(client, { batchId: 2 })).toMatchObject({ isFolded: true });
  });

  test("the chain's input still proves its reading", expectProven);
});
