import type { Hex } from "../../../spec/outputs.ts";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import { getBatch } from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { type FoundStream, UploadTargetError } from "./find-streams.ts";
import type { JournaledBatch, JournaledInput } from "./journal-lines.ts";
import type { UploadJournal } from "./upload-journal.ts";

const NO_PREVIOUS: Hex = `0x${"00".repeat(32)}`;

/** Where a stream's next batch begins. */
export interface StreamCursor {
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

/** What is left of an upload. */
export interface UploadPlan {
  /** Inputs with batches that were sealed and are not in the state: they go first. */
  readonly inputs: readonly JournaledInput[];
  /** Where each stream goes on after those. */
  readonly cursors: readonly StreamCursor[];
  /** Readings that are in the state. */
  readonly acceptedCount: number;
}

/**
 * Compares what was sealed with what the application has; its state is the last word. A sealed
 * batch is in it, or can still get in, or never can, because its stream went on without it: only
 * then are its readings sealed again, so that no reading gets in twice.
 *
 * @throws UploadTargetError where so much was reorganised away that the journal does not tell what
 *   is left.
 */
export async function planUpload(
  client: TallyrollClient,
  journal: UploadJournal,
  streams: readonly DeclaredStream[],
): Promise<UploadPlan> {
  const cursors: StreamCursor[] = [];
  const live = new Set<JournaledBatch>();
  let acceptedCount = 0;
  const batchesOf = new Map<string, JournaledBatch[]>();
  for (const batch of journal.inputs.flatMap(({ batches }) => batches)) {
    const others = batchesOf.get(batch.device);
    if (others === undefined) batchesOf.set(batch.device, [batch]);
    else others.push(batch);
  }
  for (const found of streams) {
    const batches = batchesOf.get(found.readings.deviceName) ?? [];
    const earlier = journal.earlier.filter(({ device }) => device === found.readings.deviceName);
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
    if (stored !== undefined && toHex(stored.batchHash) === batch.batchHash) return batch;
  }
  return undefined;
}

const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
