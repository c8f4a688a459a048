import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import type { AppliedAt } from "./apply-operation.ts";
import type { RefusedOperation } from "./decode-refusal.ts";
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
  const bodies = channelIds.map(
    (channelId) => ({ kind: "claim_channel_timeout", channelId }) as const,
  );
  const operations = bodies.map((body) => ({ authorization: { by: "sender" }, body }) as const);
  const { transactionHash } = await sendOperations(client, { operations });
  const result = await waitForSent(client, {
    ...{ transactionHash, ...wait },
    describe: (place, cause) =>
      new SentNotConfirmed(`The timeouts of ${channelIds.length} channels were sent`, place, cause),
  });
  const outcomes = listOutcomes(result, bodies);
  const timeouts = channelIds.map((channelId, i): ChannelTimeout => {
    const outcome = outcomes[i];
    if (outcome?.status === "refused") {
      return { status: "refused", channelId, refused: outcome.refused };
    }
    const amount = outcome?.notices.reduce(
      (sum, { name, args }) => (name === "ChannelTimedOut" ? sum + args.amount : sum),
      0n,
    );
    return { status: "applied", channelId, amount: amount ?? 0n };
  });
  const { inputIndex, blockNumber } = result;
  return { ...{ inputIndex, blockNumber, transactionHash }, timeouts };
}
