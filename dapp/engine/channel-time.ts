import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import { add } from "./amounts.ts";
import { balanceOf, checkBalance, creditBalance, debitBalance, moveTotal } from "./balances.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import type { ChannelRow } from "./store.ts";

export const CHANNEL_TIME_HANDLERS = {
  add_channel_funds: applyAddChannelFunds,
  extend_channel: applyExtendChannel,
  extend_and_add_channel_funds: applyExtendAndAddChannelFunds,
  claim_channel_timeout: applyClaimChannelTimeout,
} satisfies Partial<Handlers>;

/** §10.3 Anybody puts money into a channel that exists. */
function applyAddChannelFunds(
  body: BodyOf<"add_channel_funds">,
  context: OperationContext,
): Outcome {
  const channel = findChannel(body.channelId, context);
  if (isRefused(channel)) return channel;
  const { token } = channel;
  const balance = balanceOf(context.store, context.actor, token);
  const refused = checkBalance(balance, token, body.amount);
  if (refused !== undefined) return refused;

  // COMMIT POINT
  return fundChannel(channel, body.amount, context);
}

/** §10.3 The sender lets a channel expire later. */
function applyExtendChannel(body: BodyOf<"extend_channel">, context: OperationContext): Outcome {
  const channel = findExtendable(body, context);
  if (isRefused(channel)) return channel;

  // COMMIT POINT
  context.store.channels.update({ ...channel, expirationBlock: body.expirationBlock });
  return [encodeNotice("ChannelExtended", [body.channelId, body.expirationBlock])];
}

/** §10.3 Both at once, or neither. */
function applyExtendAndAddChannelFunds(
  body: BodyOf<"extend_and_add_channel_funds">,
  context: OperationContext,
): Outcome {
  const channel = findExtendable(body, context);
  if (isRefused(channel)) return channel;
  const { token } = channel;
  const balance = balanceOf(context.store, context.actor, token);
  const refused = checkBalance(balance, token, body.amount);
  if (refused !== undefined) return refused;

  // COMMIT POINT
  const extended = { ...channel, expirationBlock: body.expirationBlock };
  const notice = encodeNotice("ChannelExtended", [body.channelId, body.expirationBlock]);
  return [notice, ...fundChannel(extended, body.amount, context)];
}

/** §10.3 The sender of an expired channel takes back what is left. */
function applyClaimChannelTimeout(
  body: BodyOf<"claim_channel_timeout">,
  context: OperationContext,
): Outcome {
  const { store, at } = context;
  const channel = findOwnChannel(body.channelId, context);
  if (isRefused(channel)) return channel;
  const { channelId, nonce, generation, sender, token, value, expirationBlock } = channel;
  if (at.blockNumber < expirationBlock) {
    const detail = "the block is {blockNumber}, the channel expires at {expirationBlock}";
    const { blockNumber } = at;
    return refuse("channel_not_expired", detail, { blockNumber, expirationBlock });
  }

  // COMMIT POINT
  const closed = { value: 0n, expirationBlock: 0, nonce: nonce + 1, generation: generation + 1 };
  store.channels.update({ ...channel, ...closed });
  creditBalance(store, sender, token, value);
  moveTotal(store, token, "inChannels", "inBalances", value);
  return [encodeNotice("ChannelTimedOut", [channelId, nonce, sender, value])];
}

function findChannel(channelId: number, { store }: OperationContext): ChannelRow | Refused {
  const channel = store.channels.get(channelId);
  return channel ?? refuse("channel_not_found", "channel {channelId}", { channelId });
}

/** The channel, where the actor is its sender. */
function findOwnChannel(channelId: number, context: OperationContext): ChannelRow | Refused {
  const channel = findChannel(channelId, context);
  if (isRefused(channel) || equalBytes(channel.sender, context.actor)) return channel;
  const { sender } = channel;
  const detail = "the sender is {sender}, not {actor}";
  return refuse("channel_sender_not_actor", detail, { sender, actor: context.actor });
}

function findExtendable(
  { channelId, expirationBlock }: BodyOf<"extend_channel" | "extend_and_add_channel_funds">,
  context: OperationContext,
): ChannelRow | Refused {
  const channel = findOwnChannel(channelId, context);
  if (isRefused(channel) || expirationBlock >= channel.expirationBlock) return channel;
  const detail = "expires at {expirationBlock}, asked for {askedBlock}";
  return refuse("channel_expiration_lower", detail, { ...channel, askedBlock: expirationBlock });
}

/** Part of a commit: the amount moves from the actor's balance into the channel. */
function fundChannel(
  channel: ChannelRow,
  amount: bigint,
  { store, actor }: OperationContext,
): readonly Output[] {
  const { channelId, token, value } = channel;
  const low = debitBalance(store, actor, token, amount);
  moveTotal(store, token, "inBalances", "inChannels", amount);
  store.channels.update({ ...channel, value: add(value, amount) });
  return [encodeNotice("ChannelFunded", [channelId, actor, amount]), ...low];
}
