import type { Operation } from "../../../spec/operations.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { requireSignedBatch } from "../device/signed-batch.ts";
import { type ApplyOptions, applyAuthorized, type OwnFields, readOwn } from "./define-action.ts";
import { listOperationResults, type Told } from "./operation-outcomes.ts";
import { sendAndWait } from "./send-and-wait.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { AppliedAt } from "./wait-for-input.ts";

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

export interface SubmitBatchesOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives, in the order in which they were written. */
  readonly operations: readonly Operation[];
}

/** A batch as the application took it in. */
export interface AcceptedBatch
  extends Omit<OwnFields<"submit">, "count" | "firstTime" | "lastTime"> {
  readonly readingCount: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
}

export type BatchOutcome =
  | { readonly status: "accepted"; readonly batch: AcceptedBatch }
  | { readonly status: "refused"; readonly refused: RefusedOperation };

export interface SubmitBatchesResult extends AppliedAt {
  /** One a batch, in order. */
  readonly outcomes: readonly BatchOutcome[];
}

/**
 * Sends several signed batches in one input. Each is accepted or refused by itself, so refusals are
 * values here.
 *
 * @throws BatchNotSigned, before anything is sent, for what is not a device's own batch;
 * OperationRefused where the input was refused as a whole, and what `sendOperations` and
 * `waitForSent` throw.
 * @example
 * const { outcomes } = await submitBatches(client, { operations: [first, second] });
 */
export async function submitBatches(
  client: TallyrollClient,
  { operations, ...options }: SubmitBatchesOptions,
): Promise<SubmitBatchesResult> {
  const batches = operations.map(requireSignedBatch);
  const sending = { ...options, operations: batches };
  const { at, result } = await sendAndWait(client, "The batches were sent", sending);
  const outcomes = listOperationResults(result, batches.length).map((outcome): BatchOutcome => {
    if (outcome.status === "refused") return outcome;
    const told = { inputIndex: at.inputIndex, notices: [outcome.notice], vouchers: [] };
    return { status: "accepted", batch: readAcceptedBatch(told) };
  });
  return { ...at, outcomes };
}

/** What the application says of a batch. */
export function readAcceptedBatch(told: Told): AcceptedBatch {
  const { count, firstTime, lastTime, ...batch } = readOwn("submit", told);
  return { ...batch, readingCount: count, firstTimeSec: firstTime, lastTimeSec: lastTime };
}
