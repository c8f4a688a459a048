import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import { type SendOperationsOptions, sendOperations } from "./send-operations.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import {
  type AppliedAt,
  type InputResult,
  type WaitOptions,
  waitForSent,
} from "./wait-for-input.ts";

type SendAndWaitOptions = WaitOptions & Pick<SendOperationsOptions, "operations" | "seal">;

/**
 * Sends operations as one input, and waits for what becomes of it.
 *
 * @param sent Begins the sentence where that is not found out, such as "The batches were sent".
 * @throws What `sendOperations` and `waitForSent` throw.
 */
export async function sendAndWait(
  client: TallyrollClient,
  sent: string,
  { operations, seal, ...wait }: SendAndWaitOptions,
): Promise<{ readonly at: AppliedAt; readonly result: InputResult }> {
  const { transactionHash } = await sendOperations(client, { operations, seal });
  const result = await waitForSent(client, {
    ...{ transactionHash, ...wait },
    describe: (place, cause) => new SentNotConfirmed(sent, place, cause),
  });
  const { inputIndex, blockNumber } = result;
  return { at: { inputIndex, blockNumber, transactionHash }, result };
}
