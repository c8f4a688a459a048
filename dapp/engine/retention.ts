import { appendToRange, EMPTY_RANGE, hashBatchLeaf } from "../../spec/batch-range.ts";
import { MACHINE_ID } from "../../spec/genesis.ts";
import {
  RETENTION_BODY_BYTES_MAX,
  RETENTION_STEPS_MAX,
  RETENTION_VISITS,
} from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import { invariant } from "./invariant.ts";
import type {
  EngineParts,
  Handlers,
  OperationContext,
  Outcome,
  Tidying,
} from "./operation-context.ts";
import { releaseBatchBond, releaseFreed } from "./room.ts";
import type { BatchRow, Row, Store, StreamRow } from "./store.ts";

export const RETENTION_HANDLERS = {
  poke_retention: applyPokeRetention,
} satisfies Partial<Handlers>;

/** What the head of an input may take, and once more all its pokes. */
export const fullTidying = (): Tidying => ({
  stepsLeft: RETENTION_STEPS_MAX,
  bodyBytesLeft: RETENTION_BODY_BYTES_MAX,
});

type TidyingParts = Pick<EngineParts, "store" | "crypto" | "stateBytesMax">;

interface Tidied {
  readonly archivedCount: number;
  readonly foldedCount: number;
}

/**
 * §3.8 Archives and folds what is due by now, in its order, as far as `tidying` lasts. Where nothing
 * is due this is one look at the first stream, whatever the state holds.
 */
export function tidy(parts: TidyingParts, nowSec: number, tidying: Tidying): Tidied {
  const { store } = parts;
  let archivedCount = 0;
  let foldedCount = 0;
  while (mayGoOn(tidying)) {
    const streamId = store.findTidyDue(nowSec);
    if (streamId === undefined) break;
    const stream = store.streams.get(streamId);
    invariant(stream !== undefined, "a stream that is due has a row");
    const archived = archiveBatches(parts, stream, nowSec, tidying);
    const folded = foldBatches(parts, stream, nowSec, tidying);
    archivedCount += archived.count;
    foldedCount += folded.count;
    const nextSec = Math.min(archived.nextDueSec, folded.nextDueSec);
    store.streams.update({
      ...stream,
      keptFrom: archived.endSequence,
      foldedFrom: folded.endSequence,
      tidyDueSec: nextSec <= nowSec ? stream.tidyDueSec : findNextVisit(stream, nowSec, nextSec),
    });
  }
  return { archivedCount, foldedCount };
}

const mayGoOn = ({ stepsLeft, bodyBytesLeft }: Tidying): boolean =>
  stepsLeft > 0 && bodyBytesLeft >= 0;

const findNextVisit = (stream: StreamRow, nowSec: number, nextSec: number): number | null =>
  nextSec === Number.POSITIVE_INFINITY
    ? null
    : Math.max(nextSec, nowSec + Math.ceil(stream.retentionSec / RETENTION_VISITS));

/** What a visit did to the first or the second half of a stream's batches that age. */
interface Visited {
  readonly count: number;
  /** The first sequence of those that it left. */
  readonly endSequence: number;
  /** When the first of them is due; infinite where there is none. */
  readonly nextDueSec: number;
}

/** The bodies go; the rows stay for as long again. */
function archiveBatches(
  parts: TidyingParts,
  stream: StreamRow,
  nowSec: number,
  tidying: Tidying,
): Visited {
  const { store } = parts;
  const { streamId, retentionSec, keptFrom } = stream;
  const untilSec = nowSec - retentionSec;
  const found = store.listArchivable(streamId, keptFrom, untilSec, tidying.stepsLeft + 1);
  let endSequence = keptFrom;
  for (const [count, batch] of found.entries()) {
    const { batchId, acceptedAtSec, bodyByteCount } = batch;
    if (acceptedAtSec > untilSec || !mayGoOn(tidying)) {
      return { count, endSequence, nextDueSec: acceptedAtSec + retentionSec };
    }
    tidying.stepsLeft -= 1;
    tidying.bodyBytesLeft -= bodyByteCount;
    const before = store.getWeight();
    store.batchBodies.remove({ batchId });
    releaseBatchBond(parts, batchId, before);
    endSequence = batch.endSequence;
  }
  return { count: found.length, endSequence, nextDueSec: Number.POSITIVE_INFINITY };
}

/** The rows become leaves. That of a disproved batch stays: an escrow may still ask for it. */
function foldBatches(
  parts: TidyingParts,
  stream: StreamRow,
  nowSec: number,
  tidying: Tidying,
): Visited {
  const { store, crypto } = parts;
  const { streamId, retentionSec, foldedFrom } = stream;
  const untilSec = nowSec - 2 * retentionSec;
  // What this input may still take; of a visit that has run out the first says when it is due.
  const limit = (mayGoOn(tidying) ? tidying.stepsLeft : 0) + 1;
  const found = store.listFoldable(streamId, foldedFrom, untilSec, limit);
  const isLeft = found.length === limit || (found.at(-1)?.acceptedAtSec ?? 0) > untilSec;
  const folding = isLeft ? found.slice(0, -1) : found;
  const nextDueSec = isLeft
    ? found.at(-1)!.acceptedAtSec + 2 * retentionSec
    : Number.POSITIVE_INFINITY;
  if (folding.length === 0) return { count: 0, endSequence: foldedFrom, nextDueSec };
  tidying.stepsLeft -= folding.length;
  const highestBatch = getHighestBatchId(store);
  let range = store.streamRanges.get(streamId) ?? EMPTY_RANGE;
  for (const batch of folding) {
    range = appendToRange(crypto, range, hashBatchLeaf(crypto, batch));
    if (batch.disprovedGroup === null) removeBatch(parts, batch.batchId);
  }
  store.streamRanges.put({ streamId, ...range });
  const { batchId, disprovedGroup, endSequence } = folding.at(-1)!;
  if (batchId === highestBatch && disprovedGroup === null) {
    store.machine.update({ ...getMachine(store), highestFoldedBatch: batchId });
  }
  return { count: folding.length, endSequence, nextDueSec };
}

function removeBatch(parts: TidyingParts, batchId: number): void {
  const { store } = parts;
  const bonded = store.batchBonds.get(batchId);
  const before = store.getWeight();
  store.batches.remove({ batchId });
  if (bonded === undefined) return;
  store.batchBonds.remove(bonded);
  releaseFreed(parts, bonded.account, before);
}

/** §3.8 The highest identifier that any batch has had, its row there or not. */
export const getHighestBatchId = (store: Pick<Store, "batches" | "machine">): number =>
  Math.max(store.batches.nextId() - 1, getMachine(store).highestFoldedBatch);

function getMachine(store: Pick<Store, "machine">): Row<"machine"> {
  const machine = store.machine.get(MACHINE_ID);
  invariant(machine !== undefined, "a state that has begun has a machine");
  return machine;
}

/** §3.8 A batch has its body until it is archived, and no batch below one that is has it. */
const isArchived = (
  store: Pick<Store, "streams">,
  { streamId, firstSequence }: Pick<BatchRow, "streamId" | "firstSequence">,
): boolean => firstSequence < (store.streams.get(streamId)?.keptFrom ?? 0);

/**
 * §12.5 Whether a batch is archived, or would be if its stream were visited now: a row folds by when
 * it was accepted, however late its body went, and what is sold must outlast the answer.
 */
export function isDueOrArchived(
  store: Pick<Store, "streams">,
  batch: Pick<BatchRow, "streamId" | "firstSequence" | "acceptedAtSec">,
  nowSec: number,
): boolean {
  const retentionSec = store.streams.get(batch.streamId)?.retentionSec ?? 0;
  const isDue = retentionSec > 0 && batch.acceptedAtSec + retentionSec <= nowSec;
  return isDue || isArchived(store, batch);
}

/** §3.8 Takes what the head of the input left. */
function applyPokeRetention(_: BodyOf<"poke_retention">, context: OperationContext): Outcome {
  const { at, budget } = context;
  const { archivedCount, foldedCount } = tidy(context, at.timestampSec, budget.tidying);
  if (archivedCount + foldedCount === 0 && !budget.hasHeadTidied) {
    const values = { nowSec: at.timestampSec };
    return refuse("retention_nothing_due", TIMED_DETAILS.retention_nothing_due, values);
  }
  return [encodeNotice("RetentionPoked", [archivedCount, foldedCount])];
}
