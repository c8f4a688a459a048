import type { Hex } from "../../../spec/outputs.ts";
import { TransactionReverted } from "../../chain/find-receipt.ts";
import { poll } from "../../chain/poll.ts";
import type { SentNotConfirmed, SentPlace } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { findAddedInput, InputNotAdded } from "./add-input.ts";
import { isNotFound, isOutOfReach } from "./node-errors.ts";
import { type FinalInputStatus, getInput, type InputInfo, listReports } from "./node-inputs.ts";
import {
  type DelegateCallVoucherOutput,
  listOutputs,
  type OutputInfo,
  sortOutputs,
  type VoucherOutput,
} from "./node-outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What became of one input. */
export interface InputResult {
  readonly inputIndex: number;
  readonly blockNumber: number;
  /** Where it was waited for by its transaction. */
  readonly transactionHash: Hex | undefined;
  readonly status: FinalInputStatus;
  /** In the order of the operations; `StateCommitted` comes last. */
  readonly outputs: readonly OutputInfo[];
  /** Those of them that are notices of `Notices.sol`. */
  readonly notices: readonly Notice[];
  /** One a refused operation. An accepted input may have some, too. */
  readonly refusals: readonly RefusedOperation[];
  readonly vouchers: readonly (VoucherOutput | DelegateCallVoucherOutput)[];
}

/** Where an operation applied. */
export interface AppliedAt {
  readonly inputIndex: number;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
}

/** How far an input has come. */
export type WaitProgress =
  /** In a block, under this index; reported again when a reorganisation moves it. */
  | { readonly stage: "included"; readonly inputIndex: number; readonly blockNumber: number }
  /** The node has its verdict. */
  | { readonly stage: "processed"; readonly inputIndex: number };

export interface WaitOptions {
  /** 60,000 by default. */
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  readonly onProgress?: (progress: WaitProgress) => void;
}

export type WaitForInputOptions = WaitOptions &
  ({ readonly transactionHash: Hex } | { readonly inputIndex: number });

const TIMEOUT_MS = 60_000;

/**
 * Waits until the node has run an input, and gives what became of it. A rejected input is a value
 * here: see `refusals`. Where the chain reorganises meanwhile, the input is looked up again.
 *
 * @throws TransactionReverted and InputNotAdded for a transaction that brought no input,
 * WaitTimeout, and NodeUnreachable when the node is not there from the beginning.
 * @example
 * const { transactionHash } = await sendOperations(client, { operations });
 * const { status, notices, refusals } = await waitForInput(client, { transactionHash });
 */
export async function waitForInput(
  client: TallyrollClient,
  options: WaitForInputOptions,
): Promise<InputResult> {
  const transactionHash = "transactionHash" in options ? options.transactionHash : undefined;
  const { timeoutMs = TIMEOUT_MS, pollMs = client.pollMs, onProgress } = options;
  let [isIncluded, hasAnswered] = [false, false];
  let includedBlock: number | undefined;

  const look = async (): Promise<InputInfo | undefined> => {
    if (!("transactionHash" in options)) return await findProcessed(options.inputIndex);
    const added = await findAddedInput(client, options.transactionHash);
    if (added === undefined) return undefined;
    isIncluded = true;
    if (includedBlock !== added.blockNumber) {
      includedBlock = added.blockNumber;
      const { inputIndex, blockNumber } = added;
      onProgress?.({ stage: "included", inputIndex, blockNumber });
    }
    const input = await findProcessed(added.inputIndex);
    // Another blob under our index: the node does not yet follow a reorganisation, or we don't.
    return input?.blob === added.blob ? input : undefined;
  };
  const findProcessed = async (inputIndex: number): Promise<InputInfo | undefined> => {
    const input = await getInput(client, { inputIndex }).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    hasAnswered = true;
    return input?.status === "NONE" ? undefined : input;
  };

  const way = {
    ...{ pollMs, timeoutMs },
    awaited: () =>
      "inputIndex" in options
        ? `The verdict over input ${options.inputIndex}`
        : `The ${isIncluded ? "verdict over" : "block of"} transaction ${options.transactionHash}`,
    // A node that restarts comes back; one that never answered is not there.
    isTransient: (error: unknown) => hasAnswered && isOutOfReach(error),
  };
  for (;;) {
    const input = await poll(look, way);
    const result = await readResult(client, input, transactionHash);
    // A reorganisation in between would have given us another input's notices for ours.
    if ((await findProcessed(input.inputIndex))?.blob !== input.blob) continue;
    onProgress?.({ stage: "processed", inputIndex: input.inputIndex });
    return result;
  }
}

/** What a processed input left. */
async function readResult(
  client: TallyrollClient,
  { inputIndex, blockNumber, status }: InputInfo,
  transactionHash: Hex | undefined,
): Promise<InputResult> {
  const outputs: OutputInfo[] = [];
  for await (const output of listOutputs(client, { inputIndex })) outputs.push(output);
  const refusals: RefusedOperation[] = [];
  for await (const { refusal } of listReports(client, { inputIndex })) {
    if (refusal !== undefined) refusals.push(refusal);
  }
  return {
    ...{ inputIndex, blockNumber, transactionHash },
    status: status as FinalInputStatus,
    ...{ outputs, ...sortOutputs(outputs), refusals },
  };
}

export interface WaitForSentOptions extends WaitOptions {
  readonly transactionHash: Hex;
  /** Puts a fault in the words of what was sent. */
  readonly describe: (place: SentPlace, cause: ClientError) => SentNotConfirmed;
}

/**
 * `waitForInput` for what this client has just sent: whatever fails from here on, the transaction is
 * out, and the error says so.
 *
 * @throws SentNotConfirmed; TransactionReverted and InputNotAdded, where nothing applied.
 */
export async function waitForSent(
  client: TallyrollClient,
  { transactionHash, describe, onProgress, ...wait }: WaitForSentOptions,
): Promise<InputResult> {
  let inputIndex: number | undefined;
  try {
    return await waitForInput(client, {
      ...{ transactionHash, ...wait },
      onProgress: (progress) => {
        inputIndex = progress.inputIndex;
        onProgress?.(progress);
      },
    });
  } catch (error) {
    const hasNoEffect = error instanceof TransactionReverted || error instanceof InputNotAdded;
    if (hasNoEffect || !(error instanceof ClientError)) throw error;
    throw describe({ transactionHash, inputIndex }, error);
  }
}
