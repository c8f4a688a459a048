import { createHash } from "node:crypto";
import { bytesToHex, hexToBytes } from "viem";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { Operation } from "../../../spec/operations.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { StreamWriter } from "../../client/device/stream-writer.ts";
import { ClientError } from "../../errors.ts";
import type { ReadingSlice } from "../../files/slice-readings.ts";
import { groupOperations } from "../../history/group-operations.ts";
import type { BatchRows, JournaledBatch, JournaledInput } from "./journal-lines.ts";
import type { StreamCursor, UploadPlan } from "./plan-upload.ts";
import type { UploadJournal } from "./upload-journal.ts";

/** A batch is larger than an input can be. */
class BatchTooLarge extends ClientError {
  override readonly name = "BatchTooLarge";
}

interface SealedOperation {
  readonly operation: Operation;
  readonly batch: JournaledBatch;
}

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
    const group = takeNext(groups, batchSize);
    if (group === undefined) return;
    const operations = group.map(({ operation }) => operation);
    yield journal.addInput(operations, { batches: group.map(({ batch }) => batch) });
  }
}

function takeNext<Item>(items: Iterator<Item>, batchSize: number): Item | undefined {
  try {
    const next = items.next();
    return next.done ? undefined : next.value;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BatchTooLarge(`A batch of ${batchSize} readings does not fit: ${cause.message}.`, {
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
): Generator<SealedOperation> {
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

/** Describes one batch's readings. */
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
