import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface AddChannelFundsOptions extends ApplyOptions {
  readonly channelId: number;
  /** Base units of the channel's token. */
  readonly amount: bigint;
}

export interface AddChannelFundsResult extends AppliedAt {
  readonly channelId: number;
  readonly funder: Hex;
  readonly amount: bigint;
}

/**
 * Puts more money into a channel. Anybody may; it is the sender's if it is not claimed.
 *
 * @throws OperationRefused: channel_not_found, balance_too_low.
 * @example
 * await addChannelFunds(client, { channelId: 0, amount: 5n });
 */
export async function addChannelFunds(
  client: TallyrollClient,
  { channelId, amount, ...options }: AddChannelFundsOptions,
): Promise<AddChannelFundsResult> {
  const body = { kind: "add_channel_funds", channelId, amount } as const;
  const { at, fields } = await applyOperation(client, body, "ChannelFunded", options);
  return { ...at, channelId, funder: fields.funder, amount: fields.amount };
}
