import { createHash } from "node:crypto";
import { bytesToHex, hexToBytes } from "viem";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { Operation } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import { getBatch } from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { StreamWriter } from "../../client/device/stream-writer.ts";
import type { ClientError } from "../../errors.ts";
import type { ReadingSlice } from "../../files/slice-readings.ts";
import { groupBy } from "../../group-by.ts";
import { groupOperations } from "../../history/group-operations.ts";
import { errorKind } from "../terminal/io.ts";
import { type FoundStream, UploadTargetError } from "./find-streams.ts";
import type { BatchRows, JournaledBatch, JournaledInput } from "./journal-lines.ts";
import type { UploadJournal } from "./upload-journal.ts";

const NO_PREVIOUS: Hex = `0x${"00".repeat(32)}`;

/** Where a stream's next batch begins. */
interface StreamCursor {
  readonly found: DeclaredStream;
  /** The first of the device's readings that no batch holds yet. */
  readonly nextRow: number;
  readonly nextSequence: number;
  /** Zeros before the first batch. */
  readonly previousHash: Hex;
}

/** A stream that is there, with what it takes to write to it. */
export type DeclaredStream = FoundStream & {
  readonly [Part in "key" | "device" | "stream"]-?: NonNullable<FoundStream[Part]>;
};

export type UploadPlan = Awaited<ReturnType<typeof planUpload>>;

/**
 * Compares what was sealed with what the application has; its state is the last word. A sealed
 * batch is in it, or can still get in, or never can, because its stream went on without it: only
 * then are its readings sealed again, so that no reading gets in twice.
 *
 * @returns Inputs with batches that were sealed and are not in the state: they go first; where each
 *   stream goes on after those; and how many readings are in the state.
 * @throws UploadTargetError where so much was reorganised away that the journal does not tell what
 *   is left.
 */
export async function planUpload(
  client: TallyrollClient,
  journal: UploadJournal,
  streams: readonly DeclaredStream[],
) {
  const cursors: StreamCursor[] = [];
  const live = new Set<JournaledBatch>();
  let acceptedCount = 0;
  const sealed = journal.inputs.flatMap(({ batches }) => batches);
  const batchesOf = groupBy(sealed, ({ device }) => device);
  for (const found of streams) {
    const batches = batchesOf.get(found.readings.deviceName) ?? [];
    const all = journal.beginning?.earlier ?? [];
    const earlier = all.filter(({ device }) => device === found.readings.deviceName);
    const accepted = await findAccepted(client, found, [...earlier, ...batches]);
    if (accepted === undefined) requireWholeHistory(earlier, found, journal);
    let nextRow = accepted === undefined ? 0 : accepted.firstRow + accepted.count;
    acceptedCount += nextRow;
    let nextSequence = found.stream.nextSequence;
    let previousHash = found.stream.lastBatchHash ?? NO_PREVIOUS;
    for (const batch of batches) {
      const isNext =
        batch.firstRow === nextRow &&
        batch.firstSequence === nextSequence &&
        batch.previousHash === previousHash;
      if (!isNext || !isSealedFor(batch, found)) continue;
      live.add(batch);
      nextRow += batch.count;
      nextSequence += batch.count;
      previousHash = batch.batchHash;
    }
    cursors.push({ found, nextRow, nextSequence, previousHash });
  }
  const inputs = journal.inputs.filter(({ batches }) => batches.some((batch) => live.has(batch)));
  return { inputs, cursors, acceptedCount };
}

/** Where none of the batches that a journal notes is in, those before them may be. */
function requireWholeHistory(
  [oldest]: readonly JournaledBatch[],
  { readings }: DeclaredStream,
  { path }: UploadJournal,
): void {
  if (oldest === undefined || oldest.firstRow === 0) return;
  throw new UploadTargetError(
    `A reorganisation took back what earlier uploads had brought of ${JSON.stringify(readings.deviceName)}, ` +
      "further than this upload's journal reaches; nothing more is sent.",
    { whatToDo: `Move ${path} away and run the same command again: it looks anew at what is in.` },
  );
}

/** Another epoch, key, number or application, and it would be refused for ever. */
function isSealedFor(batch: JournaledBatch, { key, device, stream }: DeclaredStream): boolean {
  return (
    batch.did === key.did &&
    batch.deviceId === device.deviceId &&
    batch.streamId === stream.streamId &&
    batch.epoch === stream.epoch
  );
}

/**
 * The last of our batches that the application has accepted. All before it in its chain are in,
 * too: each batch's signature covers the hash of the one before.
 */
export async function findAccepted(
  client: TallyrollClient,
  { stream }: Pick<DeclaredStream, "stream">,
  batches: readonly JournaledBatch[],
): Promise<JournaledBatch | undefined> {
  const { streamId, nextSequence, lastBatchHash } = stream;
  const last = batches.find(({ batchHash }) => batchHash === lastBatchHash);
  if (last !== undefined) return last;
  // Somebody has written after ours, or none of ours is in.
  for (const batch of [...batches].reverse()) {
    if (batch.streamId !== streamId || batch.firstSequence >= nextSequence) continue;
    const asked = getBatch(client, { streamId, sequence: batch.firstSequence });
    const stored = await unlessNotFound(asked, "reading_not_found");
    if (stored !== undefined && bytesToHex(stored.batchHash) === batch.batchHash) return batch;
  }
  return undefined;
}

const BatchTooLarge = errorKind("BatchTooLarge");

/**
 * Gives what was sealed before and goes first, then seals the readings after the cursors, as many
 * batches an input as fit, in turn from all devices. Each input is in the journal before it is given;
 * none is made before it is asked for.
 *
 * @param batchSize Readings a batch, 1 to 4,096.
 * @throws BatchTooLarge, UploadJournalError.
 */
export function* sealInputs(
  client: TallyrollClient,
  journal: UploadJournal,
  { inputs, cursors }: UploadPlan,
  batchSize: number,
): Generator<JournaledInput> {
  yield* inputs;
  const countMax = Math.min(SIGNATURES_MAX, Math.floor(READINGS_PER_INPUT_MAX / batchSize));
  const batches = sealBatches(client, hexToBytes(journal.head.machineKey), cursors, batchSize);
  const groups = groupOperations(batches, countMax, ({ operation }) => operation);
  for (;;) {
    const group = takeFitting(groups, batchSize, BatchTooLarge);
    if (group === undefined) return;
    const operations = group.map(({ operation }) => operation);
    yield journal.addInput(operations, { batches: group.map(({ batch }) => batch) });
  }
}

/** @param Refusal The error of a batch that is larger than an input can be. */
export function takeFitting<Item>(
  items: Iterator<Item>,
  batchSize: number,
  Refusal: typeof ClientError,
): Item | undefined {
  try {
    const next = items.next();
    return next.done ? undefined : next.value;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Refusal(`A batch of ${batchSize} readings does not fit: ${cause.message}.`, {
      whatToDo: "Lower --batch, or take fewer columns with --columns.",
      cause,
    });
  }
}

function* sealBatches(
  client: TallyrollClient,
  machineKey: Uint8Array,
  cursors: readonly StreamCursor[],
  batchSize: number,
): Generator<{ readonly operation: Operation; readonly batch: JournaledBatch }> {
  const writers = cursors.map(({ found, nextRow, nextSequence, previousHash }) => {
    const { deviceId } = found.device;
    const { streamId, epoch } = found.stream;
    const writer = new StreamWriter(client.crypto, found.key.signer, machineKey, systemRandom, {
      ...{ ...client.at, deviceId, streamId, epoch, nextSequence },
      metrics: found.readings.metrics,
      epochKeys: found.epochKeys,
      previousHash: hexToBytes(previousHash),
    });
    return { found, writer, nextRow, previousHash };
  });
  for (let isLeft = true; isLeft; ) {
    isLeft = false;
    for (const place of writers) {
      const { readings, key, device, stream } = place.found;
      const firstRow = place.nextRow;
      const end = Math.min(firstRow + batchSize, readings.times.length);
      if (firstRow >= end) continue;
      const firstSequence = place.writer.nextSequence;
      const slice = readings.slice(firstRow, end);
      const { operation, batch } = place.writer.write(slice.times, slice.columns);
      const { previousHash } = place;
      place.nextRow = end;
      place.previousHash = bytesToHex(batch.batchHash);
      isLeft = true;
      yield {
        operation,
        batch: {
          device: readings.deviceName,
          did: key.did,
          deviceId: device.deviceId,
          streamId: stream.streamId,
          epoch: stream.epoch,
          firstSequence,
          count: end - firstRow,
          firstRow,
          batchHash: place.previousHash,
          previousHash,
          rows: describeRows(slice),
        },
      };
    }
  }
}

export function describeRows({ times, columns }: ReadingSlice): BatchRows {
  const content = [
    [...times],
    columns.map(({ values, present, dictionary }) => [
      [...values],
      present === undefined ? null : [...present],
      dictionary ?? null,
    ]),
  ];
  const sorted = Float64Array.from(times).sort();
  return {
    hash: `0x${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`,
    earliestSec: sorted[0] ?? 0,
    latestSec: sorted.at(-1) ?? 0,
  };
}
