import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import type { AppliedAt } from "./apply-operation.ts";
import { claimChannelTimeout } from "./claim-channel-timeout.ts";
import { listOutcomes } from "./group-notices.ts";
import { sendOperations } from "./send-operations.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { WaitOptions } from "./wait-for-input.ts";
import { waitForSent } from "./wait-for-sent.ts";

export interface ClaimChannelTimeoutsOptions extends WaitOptions {
  /** At least one, at most 256: the operations of one input. */
  readonly channelIds: readonly number[];
}

/** What became of one channel. */
export type ChannelTimeout =
  | { readonly status: "applied"; readonly channelId: number; readonly amount: bigint }
  | { readonly status: "refused"; readonly channelId: number; readonly refused: RefusedOperation };

export interface ClaimChannelTimeoutsResult extends AppliedAt {
  /** One a channel, in order. */
  readonly timeouts: readonly ChannelTimeout[];
}

/**
 * Takes back what several expired channels still hold, in one input. Each is taken or refused by
 * itself, so refusals are values here.
 *
 * @throws RangeError for no channel or more than an input carries, OperationRefused where the input
 * was refused as a whole, SentNotConfirmed once it is sent, and what `sendOperations` throws.
 * @example
 * const { timeouts } = await claimChannelTimeouts(client, { channelIds: [0, 4] });
 */
export async function claimChannelTimeouts(
  client: TallyrollClient,
  { channelIds, ...wait }: ClaimChannelTimeoutsOptions,
): Promise<ClaimChannelTimeoutsResult> {
  if (channelIds.length === 0 || channelIds.length > OPERATIONS_MAX) {
    throw new RangeError(`an input takes 1 to ${OPERATIONS_MAX} channels`);
  }
  const bodies = channelIds.map((channelId) => claimChannelTimeout.body({ channelId }));
  const operations = bodies.map((body) => ({ authorization: { by: "sender" }, body }) as const);
  const { transactionHash } = await sendOperations(client, { operations });
  const result = await waitForSent(client, {
    ...{ transactionHash, ...wait },
    describe: (place, cause) =>
      new SentNotConfirmed(`The timeouts of ${channelIds.length} channels were sent`, place, cause),
  });
  const timeouts = listOutcomes(result, bodies).map((outcome, i): ChannelTimeout => {
    const channelId = channelIds[i]!;
    if (outcome.status === "refused") return { ...outcome, channelId };
    return { status: "applied", channelId, amount: claimChannelTimeout.read(outcome).amount };
  });
  const { inputIndex, blockNumber } = result;
  return { ...{ inputIndex, blockNumber, transactionHash }, timeouts };
}
