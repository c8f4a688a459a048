import { appendToRange, EMPTY_RANGE, hashBatchLeaf } from "../../spec/batch-range.ts";
import { MACHINE_ID } from "../../spec/genesis.ts";
import { RETENTION_BODY_BYTES_MAX, RETENTION_STEPS_MAX } from "../../spec/limits.ts";
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
import { releaseBatchBond } from "./room.ts";
import type { BatchBodyRow, BatchRow, Row, Store, StreamRow } from "./store.ts";

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
 * is due this is one look at the first entry, whatever the state holds.
 */
export function tidy(parts: TidyingParts, nowSec: number, tidying: Tidying): Tidied {
  const { store } = parts;
  let archivedCount = 0;
  let foldedCount = 0;
  while (tidying.stepsLeft > 0 && tidying.bodyBytesLeft >= 0) {
    const entry = store.findFirstDue(nowSec);
    if (entry === undefined) break;
    tidying.stepsLeft -= 1;
    const batch = store.batches.get(entry.batchId);
    invariant(batch !== undefined, "a batch that is due has a row");
    const stream = store.streams.get(batch.streamId);
    invariant(stream !== undefined, "a batch has a stream");
    const body = store.batchBodies.get(batch.batchId);
    if (body === undefined) {
      foldBatch(parts, entry, batch);
      foldedCount += 1;
    } else {
      archiveBatch(parts, entry, batch, stream, body);
      tidying.bodyBytesLeft -= body.body.length;
      archivedCount += 1;
    }
  }
  return { archivedCount, foldedCount };
}

/** The body goes; the row stays for as long again. */
function archiveBatch(
  parts: TidyingParts,
  entry: Row<"retentionDue">,
  batch: BatchRow,
  stream: StreamRow,
  body: BatchBodyRow,
): void {
  const { store } = parts;
  const { batchId, firstSequence, readingCount } = batch;
  invariant(firstSequence >= stream.keptFrom, "a stream's batches are archived in their order");
  const before = store.getWeight();
  store.batchBodies.remove(body);
  store.retentionDue.remove(entry);
  store.retentionDue.insert({ batchId, dueSec: entry.dueSec + stream.retentionSec });
  store.streams.update({ ...stream, keptFrom: firstSequence + readingCount });
  releaseBatchBond(parts, batchId, before);
}

/** The row becomes a leaf. That of a disproved batch stays: an escrow may still ask for it. */
function foldBatch(parts: TidyingParts, entry: Row<"retentionDue">, batch: BatchRow): void {
  const { store, crypto } = parts;
  const { streamId, batchId } = batch;
  const before = store.getWeight();
  const range = store.streamRanges.get(streamId) ?? EMPTY_RANGE;
  const appended = appendToRange(crypto, range, hashBatchLeaf(crypto, batch));
  store.streamRanges.put({ streamId, ...appended });
  store.retentionDue.remove(entry);
  if (batch.disprovedGroup !== null) return;
  if (batch.batchId === getHighestBatchId(store)) {
    store.machine.update({ ...getMachine(store), highestFoldedBatch: batch.batchId });
  }
  store.batches.remove(batch);
  const bonded = store.batchBonds.get(batchId);
  if (bonded === undefined) return;
  releaseBatchBond(parts, batchId, before);
  store.batchBonds.remove(bonded);
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
export const isArchived = (
  store: Pick<Store, "streams">,
  { streamId, firstSequence }: Pick<BatchRow, "streamId" | "firstSequence">,
): boolean => firstSequence < (store.streams.get(streamId)?.keptFrom ?? 0);

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
