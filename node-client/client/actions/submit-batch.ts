import type { Operation } from "../../../spec/operations.ts";
import { requireSignedBatch } from "../device/signed-batch.ts";
import { type AppliedAt, type ApplyOptions, applyAuthorized } from "./apply-operation.ts";
import { type AcceptedBatch, fromSubmissionAccepted } from "./submit-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A device signs its batches itself, so that anybody may send them. */
export interface SubmitBatchOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives. */
  readonly operation: Operation;
}

export type SubmitBatchResult = AppliedAt & AcceptedBatch;

/**
 * Sends one signed batch of a device.
 *
 * @throws BatchNotSigned, before anything is sent, for what is not a device's own batch;
 * OperationRefused: stream_not_found, device_revoked, submission_….
 * @example
 * const { operation } = writer.write(times, columns);
 * const { batchId } = await submitBatch(client, { operation });
 */
export async function submitBatch(
  client: TallyrollClient,
  { operation, ...options }: SubmitBatchOptions,
): Promise<SubmitBatchResult> {
  const batch = requireSignedBatch(operation);
  const { at, fields } = await applyAuthorized(client, batch, "SubmissionAccepted", options);
  return { ...at, ...fromSubmissionAccepted(fields) };
}
