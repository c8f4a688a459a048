import { previousHashOf } from "../../spec/batch.ts";
import { READINGS_PER_INPUT_MAX, SEQUENCE_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type { OpenedSubmission } from "../../spec/submission.ts";
import { checkReadings, spendSignature } from "./budget.ts";
import { invariant } from "./invariant.ts";
import type { Budget, Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { noteMade } from "./resolve-references.ts";
import { getHighestBatchId } from "./retention.ts";
import type { DeviceRow, StreamRow } from "./store.ts";

export const SUBMISSION_HANDLERS = {
  submit: applySubmit,
} satisfies Partial<Handlers>;

/** §3.6 Takes in a device's signed batch. Costs the same whatever the state holds. */
function applySubmit(body: BodyOf<"submit">, context: OperationContext): Outcome {
  const { store, at, deviceSignature } = context;
  invariant(deviceSignature !== undefined, "a submission is authorized by its device");
  const stream = store.streams.get(body.streamId);
  if (stream === undefined) return refuse("stream_not_found", "stream {streamId}", body);
  const device = store.devices.get(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  const refused = checkHeader(body, stream, device, context.budget);
  if (refused !== undefined) return refused;

  const previousHash = previousHashOf(body.breakFloor, stream.lastBatchHash);
  const opened = context.openSubmission(
    {
      chainId: at.chainId,
      app: at.app,
      deviceId: device.deviceId,
      deviceKey: device.key,
      streamId: body.streamId,
      isSealed: stream.visibility === "sealed",
      groupCount: stream.groupCount,
      metrics: store.getMetrics(body.streamId),
      epoch: body.epoch,
      firstSequence: body.firstSequence,
      count: body.count,
      previousHash,
      sealed: body.sealed,
      signature: deviceSignature,
    },
    at,
    context.operationIndex,
  );
  if (isRefused(opened)) return opened;
  return keepBatch(context, stream, body, { ...opened, previousHash });
}

/** The batch's rows, the stream's next sequence and hash, the notice. */
function keepBatch(
  context: OperationContext,
  stream: StreamRow,
  body: BodyOf<"submit">,
  opened: OpenedSubmission & { readonly previousHash: Uint8Array },
): readonly Output[] {
  const { batchHash, previousHash, commitment } = opened;
  const isBreak = body.breakFloor > 0;
  const { store, at } = context;
  // COMMIT POINT
  const batchId = getHighestBatchId(store) + 1;
  store.batches.insert({
    batchId,
    streamId: body.streamId,
    epoch: body.epoch,
    firstSequence: body.firstSequence,
    readingCount: body.count,
    firstTimeSec: opened.firstTimeSec,
    lastTimeSec: opened.lastTimeSec,
    isBreak,
    ...{ batchHash, previousHash, commitment },
    acceptedAtSec: at.timestampSec,
    disprovedGroup: null,
  });
  const { salt, openingKey } = opened;
  store.batchBodies.insert({ batchId, salt, openingKey, body: opened.body });
  const isFirstDue = stream.retentionSec > 0 && stream.tidyDueSec === null;
  store.streams.update({
    ...stream,
    tidyDueSec: isFirstDue ? at.timestampSec + stream.retentionSec : stream.tidyDueSec,
    nextSequence: body.firstSequence + body.count,
    batchCount: stream.batchCount + 1,
    readingCount: stream.readingCount + body.count,
    breakCount: stream.breakCount + (isBreak ? 1 : 0),
    lastBatchHash: batchHash,
  });
  noteMade(context, "batch", batchId);
  return [
    encodeNotice("SubmissionAccepted", [
      batchId,
      body.streamId,
      body.epoch,
      body.firstSequence,
      body.count,
      opened.firstTimeSec,
      opened.lastTimeSec,
      isBreak,
      batchHash,
      previousHash,
      commitment,
    ]),
  ];
}

/** Everything that is said in the clear, and what the batch spends of the input's bounds. */
function checkHeader(
  body: BodyOf<"submit">,
  stream: StreamRow,
  device: DeviceRow,
  budget: Budget,
): Refused | undefined {
  if (device.isRevoked) return refuse("device_revoked", "device {deviceId}", device);
  if (body.epoch !== stream.epoch) {
    const values = { currentEpoch: stream.epoch, epoch: body.epoch };
    const detail = "the current epoch is {currentEpoch}, not {epoch}";
    return refuse("submission_epoch_not_current", detail, values);
  }
  if (body.firstSequence < stream.nextSequence) {
    const { nextSequence } = stream;
    const detail = "the next sequence is {nextSequence}, not {firstSequence}";
    return refuse("submission_sequence_used", detail, { ...body, nextSequence });
  }
  if (
    body.count === 0 ||
    body.count > READINGS_PER_INPUT_MAX ||
    body.firstSequence + body.count > SEQUENCE_MAX
  ) {
    const detail = "{count} readings from sequence {firstSequence}";
    return refuse("submission_count_out_of_bounds", detail, body);
  }
  if (stream.nextSequence < body.breakFloor) {
    const { nextSequence } = stream;
    const detail =
      "the break needs the readings below {breakFloor}, the next one is {nextSequence}";
    return refuse("break_too_early", detail, { ...body, nextSequence });
  }
  // Spent before the work is done, so that refused batches cannot make an input dear.
  const spent = checkReadings(budget, body.count) ?? spendSignature(budget);
  if (spent === undefined) budget.readings -= body.count;
  return spent;
}
