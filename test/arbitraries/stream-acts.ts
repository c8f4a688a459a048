import { previousHashOf } from "../../spec/batch.ts";
import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import { wrapEpochKeys } from "../../spec/grant-keys.ts";
import type { Operation } from "../../spec/operations.ts";
import { type BatchDraft, type SealedBatch, sealBatch } from "../../spec/seal-batch.ts";
import type { SealedFault } from "../../spec/sealed-columns.ts";
import type { Act, ActMaker } from "./acts.ts";
import { doing } from "./acts.ts";
import type { ExpectedState, ExpectedStream } from "./expected-state.ts";
import { sealFaulty } from "./faults.ts";
import { makeReadings } from "./readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { crypto, MACHINE_KEY, PEOPLE, signerAt } from "./shared-keys.ts";
import { HERE } from "./signers.ts";
import { START_SEC } from "./world.ts";

/** Acts around a stream's batches: submissions, grants, challenges. */

const FAULTS: readonly SealedFault[] = [
  "ciphertext_broken",
  "columns_malformed",
  "value_out_of_bounds",
  "leaves_over_bounds",
  "root_differs",
];
/** Readings at which a stream of 32 texts unfolds over the bound on leaves. */
const HEAVY_READINGS = 163;

/** A batch before it is sealed, at the stream's next sequence or a little later. */
export function draftBatch(
  stream: ExpectedStream,
  rng: SeededRng,
  count: number,
  breakFloor = 0,
): BatchDraft {
  const { streamId, metrics, epoch, isSealed } = stream;
  return {
    ...HERE,
    deviceId: stream.device.deviceId,
    streamId,
    epoch,
    firstSequence: stream.nextSequence + (rng.chance(6) ? rng.below(1_000) : 0),
    count,
    salt: rng.bytes(16),
    metrics,
    ...makeReadings(rng, metrics, count),
    previousHash: previousHashOf(breakFloor, stream.previousHash ?? null),
    epochKeys: isSealed ? stream.epochKeys[epoch]! : undefined,
  };
}

/** The signed submission of a sealed batch, by the device's current key or another one. */
export function toSubmission(
  draft: BatchDraft,
  batch: SealedBatch,
  signer: number,
  breakFloor = 0,
): Operation {
  const { streamId, epoch, firstSequence, count } = draft;
  const { sealed } = batch;
  return {
    authorization: { by: "device", signature: signerAt(signer).sign(batch.signedBytes) },
    body: { kind: "submit", streamId, epoch, firstSequence, count, breakFloor, sealed },
  };
}

/** Mostly short batches; a stream of many texts stays below the bound on leaves. */
export const chooseCount = (stream: ExpectedStream, rng: SeededRng, countMax: number): number =>
  rng.chance(8) && stream.metrics.length < 8 ? rng.between(1, countMax) : rng.between(1, 12);

export const submit =
  (isSealed: boolean, mayBreak: boolean, countMax = 200): ActMaker =>
  (state, rng) => {
    const stream = state.findStream(rng, isSealed);
    if (stream === undefined) return undefined;
    const isBreak = mayBreak && stream.previousHash !== undefined;
    const breakFloor = isBreak ? rng.between(1, stream.nextSequence) : 0;
    const draft = draftBatch(stream, rng, chooseCount(stream, rng, countMax), breakFloor);
    return take(state, draft, sealBatch(crypto, draft, MACHINE_KEY, rng.bytes(32)), {
      stream,
      breakFloor,
      faultyGroup: undefined,
    });
  };

/** A batch that the machine cannot see through, and a challenge can. */
export const submitFraud: ActMaker = (state, rng) => {
  const stream = state.findStream(rng, true);
  if (stream === undefined) return undefined;
  const isHeavy = stream.metrics[0]?.kind === "text" && stream.metrics.length >= 32;
  const count = isHeavy ? HEAVY_READINGS : chooseCount(stream, rng, 60);
  const draft = draftBatch(stream, rng, count);
  const faultyGroup = rng.below(stream.groupCount);
  const fault = isHeavy ? "leaves_over_bounds" : rng.pick(FAULTS);
  const keys = stream.epochKeys[stream.epoch]!;
  const secret = rng.bytes(32);
  const batch = sealFaulty(crypto, draft, keys, fault, faultyGroup, MACHINE_KEY, secret);
  return take(state, draft, batch, { stream, breakFloor: 0, faultyGroup });
};

function take(
  state: ExpectedState,
  draft: BatchDraft,
  batch: SealedBatch,
  as: { stream: ExpectedStream; breakFloor: number; faultyGroup: number | undefined },
): Act {
  const { stream, breakFloor, faultyGroup } = as;
  const operation = toSubmission(draft, batch, stream.device.signer, breakFloor);
  stream.nextSequence = draft.firstSequence + draft.count;
  stream.previousHash = batch.batchHash;
  const batchId = state.batches.length + 1;
  const { batchKeys } = batch;
  state.batches.push({ batchId, stream, batchKeys, faultyGroup, isDisproved: false });
  return { actor: undefined, operation, isRefused: false };
}

export const registerEncryptionKey: ActMaker = (state, rng) => {
  const who = rng.pick(PEOPLE);
  state.buyers.add(who);
  return doing(who, { kind: "register_encryption_key", key: who.encryptionKey });
};

export const grant: ActMaker = (state, rng) => {
  const stream = state.findStream(rng, true);
  if (stream === undefined || state.buyers.size === 0) return undefined;
  const buyer = rng.pick([...state.buyers]);
  const epoch = rng.between(0, stream.epoch);
  if (state.hasGrant(stream, epoch, buyer)) return undefined;
  state.grants.push({ stream, epoch, buyer, isRevoked: false });
  const { streamId } = stream;
  const groups = rng.between(1, 2 ** stream.groupCount - 1);
  const context = { ...HERE, streamId, epoch, buyer: buyer.address, buyerKey: buyer.encryptionKey };
  const keys = stream.epochKeys[epoch]!;
  const wrappedKeys = wrapEpochKeys(crypto, context, groups, keys, rng.bytes(32));
  const expiresAtSec = START_SEC + 1_000_000 + rng.below(1_000_000);
  return doing(stream.device.owner, {
    kind: "grant",
    streamId,
    epoch,
    groups,
    buyer: buyer.address,
    expiresAtSec,
    wrappedKeys,
  });
};

export const revokeGrant: ActMaker = (state, rng) => {
  const live = state.grants.filter((each) => !each.isRevoked && !each.stream.device.isRevoked);
  if (live.length === 0) return undefined;
  const chosen = rng.pick(live);
  chosen.isRevoked = true;
  const { stream, epoch, buyer } = chosen;
  const { streamId } = stream;
  return doing(stream.device.owner, {
    kind: "revoke_grant",
    streamId,
    epoch,
    buyer: buyer.address,
  });
};

/** Reveals a batch key: of a false batch it disproves it, of an honest one it is refused. */
export const challenge =
  (isFraud: boolean): ActMaker =>
  (state, rng) => {
    const open = state.batches.filter(
      ({ stream, faultyGroup, isDisproved }) =>
        stream.isSealed && !isDisproved && (faultyGroup !== undefined) === isFraud,
    );
    if (open.length === 0) return undefined;
    const batch = rng.pick(open);
    const group = batch.faultyGroup ?? rng.below(batch.stream.groupCount);
    batch.isDisproved = isFraud;
    const batchKey = batch.batchKeys[group]!;
    const body = {
      kind: "challenge",
      batchId: batch.batchId,
      group,
      batchKey,
      ...NOT_BROUGHT,
    } as const;
    return { actor: rng.pick(PEOPLE), body, isRefused: !isFraud };
  };
