import type { Operation } from "../../../spec/operations.ts";
import { requireSignedBatch } from "../device/signed-batch.ts";
import { type ApplyOptions, applyAuthorized } from "./apply-operation.ts";
import { readAcceptedBatch } from "./submit-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A device signs its batches itself, so that anybody may send them. */
export interface SubmitBatchOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives. */
  readonly operation: Operation;
}

/**
 * Sends one signed batch of a device.
 *
 * @throws BatchNotSigned, before anything is sent, for what is not a device's own batch;
 * OperationRefused: stream_not_found, device_revoked, submission_….
 * @example
 * const { operation } = writer.write(times, columns);
 * const { batchId } = await submitBatch(client, { operation });
 */
export const submitBatch = Object.assign(
  async (client: TallyrollClient, { operation, ...options }: SubmitBatchOptions) => {
    const batch = requireSignedBatch(operation);
    const { notices, vouchers, ...at } = await applyAuthorized(client, batch, options);
    return { ...at, ...readAcceptedBatch({ inputIndex: at.inputIndex, notices, vouchers }) };
  },
  { read: readAcceptedBatch },
);
