import type { Operation } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { requireSignedBatch } from "../device/signed-batch.ts";
import {
  type AppliedAt,
  type ApplyOptions,
  listOperationResults,
  type Told,
} from "./apply-operation.ts";
import { readOwn } from "./define-action.ts";
import { sendOperations } from "./send-operations.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import { waitForSent } from "./wait-for-sent.ts";

export interface SubmitBatchesOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives, in the order in which they were written. */
  readonly operations: readonly Operation[];
}

/** A batch as the application took it in. */
export interface AcceptedBatch {
  readonly batchId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly readingCount: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
  readonly isBreak: boolean;
  readonly batchHash: Hex;
  readonly previousHash: Hex;
  readonly commitment: Hex;
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
  { operations, seal, ...wait }: SubmitBatchesOptions,
): Promise<SubmitBatchesResult> {
  const { transactionHash } = await sendOperations(client, {
    operations: operations.map(requireSignedBatch),
    ...(seal === undefined ? {} : { seal }),
  });
  const result = await waitForSent(client, {
    ...{ transactionHash, ...wait },
    describe: (place, cause) => new SentNotConfirmed("The batches were sent", place, cause),
  });
  const { inputIndex, blockNumber } = result;
  const outcomes = listOperationResults(result, operations.length).map((outcome): BatchOutcome => {
    if (outcome.status === "refused") return outcome;
    const told = { inputIndex, notices: [outcome.notice], vouchers: [] };
    return { status: "accepted", batch: readAcceptedBatch(told) };
  });
  return { ...{ inputIndex, blockNumber, transactionHash }, outcomes };
}

/** What the application says of a batch. */
export function readAcceptedBatch(told: Told): AcceptedBatch {
  const { count, firstTime, lastTime, ...batch } = readOwn("submit", told);
  return { ...batch, readingCount: count, firstTimeSec: firstTime, lastTimeSec: lastTime };
}
