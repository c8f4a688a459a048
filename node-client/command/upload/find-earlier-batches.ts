import { join } from "node:path";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { StoredReadings } from "../../files/slice-readings.ts";
import { findFirst } from "../../find-first.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { errorKind } from "../terminal/io.ts";
import { type FoundStream, findStreams } from "./find-streams.ts";
import type { JournaledBatch } from "./journal-lines.ts";
import { describeRows, findAccepted } from "./plan-upload.ts";
import type { Uploader } from "./submit-options.ts";
import { listJournals, UploadJournal } from "./upload-journal.ts";

/** Rows lie at times of which an earlier upload has brought readings into the same stream. */
const RowsSentBefore = errorKind("RowsSentBefore");

/** Batches before the last contributing upload's that a journal notes, of each device. */
const EARLIER_KEPT = 16;

interface EarlierBatch {
  readonly batch: JournaledBatch;
  readonly journal: UploadJournal;
}

/**
 * Compares the rows of a file with what earlier uploads of this data folder have brought into the
 * same streams, so that a file that has grown brings only what is new: each device's rows may begin
 * with the very rows that are in, and the others must lie at other times than what is in besides.
 *
 * @returns Of the batches that hold the first rows the newest of each device, with the rows that
 *   they are in this file: the chain of its batches says that those before are in, too.
 * @throws RowsSentBefore, and what `findStreams` and `UploadJournal.read` throw.
 */
export async function findEarlierBatches(
  uploader: Uploader,
  readings: readonly StoredReadings[],
  file: string,
): Promise<JournaledBatch[]> {
  const { client, connection } = uploader;
  const journals = listJournals(join(connection.dataFolder, "uploads"))
    .map((path) => UploadJournal.read(path))
    .filter((journal) => journal !== undefined)
    .filter(({ head }) => head.chainId === client.chainId && head.app === client.app);
  if (journals.length === 0) return [];
  const all: JournaledBatch[] = [];
  for (const found of await findStreams(uploader, readings)) {
    const earlier = await listAccepted(client, found, journals);
    const known = matchFirstRows(found.readings, earlier);
    const matched = new Set(known.map(({ batch }) => batch.batchHash));
    const others = earlier.filter(({ batch }) => !matched.has(batch.batchHash));
    const last = known.at(-1)?.batch;
    const nextRow = last === undefined ? 0 : last.firstRow + last.count;
    requireOtherTimes(found.readings, nextRow, others, file);
    all.push(...keepNewest(known));
  }
  return all;
}

/** Of all that was sealed for a stream, what is in the state, in its order. */
async function listAccepted(
  client: TallyrollClient,
  found: FoundStream,
  journals: readonly UploadJournal[],
): Promise<EarlierBatch[]> {
  const { stream } = found;
  if (stream === undefined) return [];
  const sealed = journals.flatMap((journal) =>
    journal.inputs
      .flatMap(({ batches }) => batches)
      .filter(({ streamId }) => streamId === stream.streamId)
      .map((batch) => ({ batch, journal })),
  );
  const byHash = new Map(sealed.map((earlier) => [earlier.batch.batchHash, earlier]));
  const accepted: EarlierBatch[] = [];
  let left = sealed
    .map(({ batch }) => batch)
    .sort((one, other) => one.firstSequence - other.firstSequence);
  for (;;) {
    const newest = await findAccepted(client, { stream }, left);
    if (newest === undefined) return accepted.reverse();
    // Each batch's signature covers the hash of the one before: those are in, too.
    let at = byHash.get(newest.batchHash);
    let first = newest;
    for (; at !== undefined; at = byHash.get(at.batch.previousHash)) {
      accepted.push(at);
      first = at.batch;
    }
    const { firstSequence } = first;
    left = left.filter((batch) => batch.firstSequence < firstSequence);
  }
}

/** The batches that a device's rows begin with, one after the other, with those rows. */
function matchFirstRows(
  readings: StoredReadings,
  earlier: readonly EarlierBatch[],
): EarlierBatch[] {
  const matched: EarlierBatch[] = [];
  let nextRow = 0;
  for (const { batch, journal } of earlier) {
    const end = nextRow + batch.count;
    if (end > readings.times.length) continue;
    if (describeRows(readings.slice(nextRow, end)).hash !== batch.rows.hash) continue;
    matched.push({ batch: { ...batch, firstRow: nextRow }, journal });
    nextRow = end;
  }
  return matched;
}

/**
 * A file that grows every hour has thousands of them, and each journal would repeat them all. A
 * reorganisation can take back what came last: the newest upload's, and some before.
 */
function keepNewest(known: readonly EarlierBatch[]): JournaledBatch[] {
  const newest = known.at(-1)?.journal;
  const { length } = known.filter(({ journal }) => journal === newest);
  return known.slice(-(length + EARLIER_KEPT)).map(({ batch }) => batch);
}

function requireOtherTimes(
  { deviceName, times }: StoredReadings,
  nextRow: number,
  earlier: readonly EarlierBatch[],
  file: string,
): void {
  const rest = times.subarray(nextRow);
  const sorted = Float64Array.from(rest).sort();
  for (const { batch, journal } of earlier) {
    const { rows, streamId } = batch;
    const next = sorted[findFirst(sorted.length, (i) => sorted[i]! >= rows.earliestSec)];
    if (next === undefined || next > rows.latestSec) continue;
    const again = rest.indexOf(next);
    const { head, beginning } = journal;
    const when = beginning === undefined ? "" : ` of ${formatTime(beginning.atSec)}`;
    throw new RowsSentBefore(
      `${file}, row ${nextRow + again + 1} of ${JSON.stringify(deviceName)}, is of ` +
        `${formatTime(next)}, and stream ${streamId} has readings from ` +
        `${formatTime(rows.earliestSec)} to ${formatTime(rows.latestSec)} already, by the upload` +
        `${when} from ${head.file}; nothing was sent.`,
      {
        whatToDo:
          "Leave out what is in, or add --new-upload to send this file from its first row " +
          "all the same.",
      },
    );
  }
}
