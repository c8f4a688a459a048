import type { Submit } from "../../spec/core-operations.ts";
import { READINGS_PER_INPUT_MAX, SEQUENCE_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { isRefused, refuse } from "../../spec/refusals.ts";
import { invariant } from "./invariant.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { refuseReadings, refuseSignature } from "./refuse-budget.ts";

export const SUBMISSION_HANDLERS = {
  submit: applySubmit,
} satisfies Partial<Handlers>;

const NO_PREVIOUS = new Uint8Array(32);

/** §3.6 Takes in a device's signed batch. Costs the same whatever the state holds. */
function applySubmit(body: Submit, context: OperationContext): Outcome {
  const { store, at, budget, deviceSignature } = context;
  invariant(deviceSignature !== undefined, "a submission is authorized by its device");
  const stream = store.getStream(body.streamId);
  if (stream === undefined) return refuse("stream_not_found", `stream ${body.streamId}`);
  const device = store.getDevice(stream.deviceId);
  invariant(device !== undefined, "a stream has a device");
  if (device.isRevoked) return refuse("device_revoked", `device ${device.deviceId}`);
  if (body.epoch !== stream.epoch) {
    return refuse(
      "submission_epoch_not_current",
      `the current epoch is ${stream.epoch}, not ${body.epoch}`,
    );
  }
  if (body.firstSequence < stream.nextSequence) {
    return refuse(
      "submission_sequence_used",
      `the next sequence is ${stream.nextSequence}, not ${body.firstSequence}`,
    );
  }
  if (
    body.count === 0 ||
    body.count > READINGS_PER_INPUT_MAX ||
    body.firstSequence + body.count > SEQUENCE_MAX
  ) {
    return refuse(
      "submission_count_out_of_bounds",
      `${body.count} readings from sequence ${body.firstSequence}`,
    );
  }
  if (body.isBreak && stream.lastBatchHash === null) {
    return refuse("submission_break_without_previous", `stream ${body.streamId} has no batch yet`);
  }
  if (budget.readings < body.count) return refuseReadings(body.count, budget);
  if (budget.signatures <= 0) return refuseSignature();
  // Spent before the work is done, so that refused batches cannot make an input dear.
  budget.readings -= body.count;
  budget.signatures -= 1;

  const previousHash = (body.isBreak ? null : stream.lastBatchHash) ?? NO_PREVIOUS;
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

  // COMMIT POINT
  const batchId = store.getNextBatchId();
  store.insertBatch({
    batchId,
    streamId: body.streamId,
    epoch: body.epoch,
    firstSequence: body.firstSequence,
    readingCount: body.count,
    firstTimeSec: opened.firstTimeSec,
    lastTimeSec: opened.lastTimeSec,
    isBreak: body.isBreak,
    batchHash: opened.batchHash,
    previousHash,
    commitment: opened.commitment,
    salt: opened.salt,
    openingKey: opened.openingKey,
    body: opened.body,
    disprovedGroup: null,
  });
  store.updateStream({
    ...stream,
    nextSequence: body.firstSequence + body.count,
    batchCount: stream.batchCount + 1,
    readingCount: stream.readingCount + body.count,
    breakCount: stream.breakCount + (body.isBreak ? 1 : 0),
    lastBatchHash: opened.batchHash,
  });
  return [
    encodeNotice("SubmissionAccepted", [
      BigInt(batchId),
      BigInt(body.streamId),
      BigInt(body.epoch),
      BigInt(body.firstSequence),
      BigInt(body.count),
      BigInt(opened.firstTimeSec),
      BigInt(opened.lastTimeSec),
      body.isBreak,
      hex(opened.batchHash),
      hex(previousHash),
      hex(opened.commitment),
    ]),
  ];
}
