import type { Hex } from "../../../spec/outputs.ts";
import { TransactionReverted } from "../../chain/find-receipt.ts";
import type { SentNotConfirmed, SentPlace } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
import { InputNotAdded } from "./find-added-input.ts";
import type { InputResult } from "./input-result.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import { type WaitOptions, waitForInput } from "./wait-for-input.ts";

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
