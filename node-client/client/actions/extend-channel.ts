import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ExtendChannelOptions extends ApplyOptions {
  readonly channelId: number;
  /** At or above the channel's present one. */
  readonly expirationBlock: number;
  /** Base units to add as well: both happen, or neither. */
  readonly amount?: bigint;
}

export interface ExtendChannelResult extends AppliedAt {
  readonly channelId: number;
  readonly expirationBlock: number;
}

/**
 * Moves a channel's expiration to a later block, and may add funds at once.
 *
 * @throws OperationRefused: channel_not_found, channel_sender_not_actor, channel_expiration_lower,
 * balance_too_low.
 * @example
 * await extendChannel(client, { channelId: 0, expirationBlock: 2_000_000, amount: 5n });
 */
export async function extendChannel(
  client: TallyrollClient,
  { channelId, expirationBlock, amount, ...options }: ExtendChannelOptions,
): Promise<ExtendChannelResult> {
  const body =
    amount === undefined
      ? ({ kind: "extend_channel", channelId, expirationBlock } as const)
      : ({ kind: "extend_and_add_channel_funds", channelId, expirationBlock, amount } as const);
  const { at, fields } = await applyOperation(client, body, "ChannelExtended", options);
  return { ...at, channelId, expirationBlock: Number(fields.expirationBlock) };
}
