import type { ChannelClaim, ChannelTerms } from "./channel-operations.ts";
import {
  computeDigestOfOpening,
  computeLaneDigest,
  computeMpeDigest,
  computePaymentDigest,
  encodeMpePayment,
  encodePayments,
} from "./channel-payment.ts";
import { demand, demandFound, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import { balanceOf, credit, debit, moveTotal, openBalance } from "./model-money.ts";
import type { Row } from "./model-rows.ts";
import { bytes, hex } from "./model-state.ts";
import type { BodyOf } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import { computeDomainSeparator } from "./typed-hash.ts";

/** Payment channels (spec §10). */

export const CHANNEL_RULES = {
  open_channel: openChannel,
  open_channel_by_third_party: openChannelByThirdParty,
  add_channel_funds: addChannelFunds,
  extend_channel: extendChannel,
  extend_and_add_channel_funds: extendAndAddChannelFunds,
  claim_channel: claimChannel,
  multi_claim: multiClaim,
  claim_channel_timeout: claimChannelTimeout,
} satisfies Partial<ModelRules>;

function openChannel(act: ModelAct, body: BodyOf<"open_channel">): void {
  checkOpening(act, body);
  open(act, act.actor, body);
}

function openChannelByThirdParty(act: ModelAct, body: BodyOf<"open_channel_by_third_party">): void {
  const sender = hex(body.sender);
  checkOpening(act, body);
  const digest = computeDigestOfOpening(act.crypto, act.at, bytes(act.actor), body);
  const message_digest = hex(digest);
  const isUsed = act.state.get("channel_messages", message_digest) !== undefined;
  demand(!isUsed, "channel_message_used");
  const isSigned = act.isSignedBy(digest, body.signature, sender);
  demand(isSigned, "channel_message_signature_wrong");
  act.state.put("channel_messages", { message_digest });
  open(act, sender, body);
}

function checkOpening(act: ModelAct, terms: ChannelTerms): void {
  const balance = balanceOf(act, act.actor, hex(terms.token));
  demand(balance >= terms.value, "balance_too_low");
  demand(hex(terms.signer) !== ZERO_ADDRESS, "channel_signer_zero");
}

function open(act: ModelAct, sender: Hex, terms: ChannelTerms): void {
  const { value, expirationBlock, payments, lanes } = terms;
  const token = hex(terms.token);
  debit(act, act.actor, token, value);
  moveTotal(act, token, "in_balances", "in_channels", value);
  openBalance(act, sender, token);
  openBalance(act, hex(terms.recipient), token);
  const channel = act.state.put("channels", {
    ...{ channel_id: act.state.count("channels"), nonce: 0, generation: 0, sender },
    ...{ signer: hex(terms.signer), recipient: hex(terms.recipient) },
    ...{ payment_group: hex(terms.groupId), token, value, expiration_block: expirationBlock },
    ...{ payments, lanes, lane_count: 0, last_planned: 0n, last_actual: 0n },
  });
  const { channel_id, signer, recipient, payment_group } = channel;
  act.notify("ChannelOpened", [
    ...([channel_id, sender, signer, recipient, payment_group, token, value] as const),
    ...([expirationBlock, encodePayments(payments), lanes] as const),
  ]);
}

function find(act: ModelAct, channelId: number): Row<"channels"> {
  return demandFound(act.state.get("channels", channelId), "channel_not_found");
}

function addChannelFunds(
  act: ModelAct,
  body: Omit<BodyOf<"add_channel_funds" | "extend_and_add_channel_funds">, "kind">,
): void {
  const channel = find(act, body.channelId);
  debit(act, act.actor, channel.token, body.amount);
  moveTotal(act, channel.token, "in_balances", "in_channels", body.amount);
  act.state.put("channels", { ...channel, value: channel.value + body.amount });
  act.notify("ChannelFunded", [body.channelId, act.actor, body.amount]);
}

function extendChannel(
  act: ModelAct,
  body: Omit<BodyOf<"extend_channel" | "extend_and_add_channel_funds">, "kind">,
): void {
  const { expirationBlock } = body;
  const channel = find(act, body.channelId);
  demand(channel.sender === act.actor, "channel_sender_not_actor");
  demand(expirationBlock >= channel.expiration_block, "channel_expiration_lower");
  act.state.put("channels", { ...channel, expiration_block: expirationBlock });
  act.notify("ChannelExtended", [body.channelId, expirationBlock]);
}

function extendAndAddChannelFunds(
  act: ModelAct,
  body: BodyOf<"extend_and_add_channel_funds">,
): void {
  extendChannel(act, body);
  addChannelFunds(act, body);
}

function claimChannelTimeout(act: ModelAct, body: BodyOf<"claim_channel_timeout">): void {
  const channel = find(act, body.channelId);
  demand(channel.sender === act.actor, "channel_sender_not_actor");
  demand(act.at.blockNumber >= channel.expiration_block, "channel_not_expired");
  pay(act, channel.sender, channel.token, channel.value);
  act.state.put("channels", { ...end(channel), nonce: channel.nonce + 1 });
  const { channel_id, nonce, sender, value } = channel;
  act.notify("ChannelTimedOut", [channel_id, nonce, sender, value]);
}

/** Out of the channel: nothing in it, nothing to wait for, no lane of before counts. */
function end(channel: Row<"channels">): Row<"channels"> {
  return { ...channel, value: 0n, expiration_block: 0, generation: channel.generation + 1 };
}

function pay(act: ModelAct, to: Hex, token: Hex, amount: bigint): void {
  credit(act, to, token, amount);
  moveTotal(act, token, "in_channels", "in_balances", amount);
}

function claimChannel(act: ModelAct, claim: ChannelClaim): void {
  if (claim.lane === 0) claimPlanned(act, claim);
  else claimLane(act, claim);
}

function multiClaim(act: ModelAct, body: BodyOf<"multi_claim">): void {
  demand(body.claims.length > 0, "claim_list_empty");
  for (const claim of body.claims) claimChannel(act, claim);
}

/** Lane 0: MPE's claim, in the order of the contract (spec §10.5). */
function claimPlanned(act: ModelAct, claim: ChannelClaim): void {
  const { channelId, actual, planned, form, signature } = claim;
  const channel = find(act, channelId);
  const { nonce, signer, sender, recipient, token } = channel;
  demand(actual <= channel.value, "claim_over_value");
  demand(recipient === act.actor, "claim_recipient_not_actor");
  demand(actual <= planned, "claim_over_planned");
  const isTaken = channel.payments === "both" || channel.payments === form;
  demand(isTaken, "claim_form_not_taken");
  const payment = { channelId, nonce, amount: planned };
  const digest =
    form === "mpe"
      ? computeMpeDigest(act.crypto, encodeMpePayment(act.at.app, payment))
      : computePaymentDigest(act.crypto, computeDomainSeparator(act.crypto, act.at), payment);
  demand(act.isSignedBy(digest, signature, signer, sender), "claim_signature_wrong");

  pay(act, recipient, token, actual);
  const left = channel.value - actual;
  const sentBack = claim.isSendBack ? left : 0n;
  pay(act, sender, token, sentBack);
  const claimed = { ...channel, value: left, last_planned: planned, last_actual: actual };
  const after = claim.isSendBack ? end(claimed) : claimed;
  act.state.put("channels", { ...after, nonce: nonce + 1 });
  const amounts = [actual, planned, sentBack, after.value] as const;
  act.notify("ChannelClaimed", [channelId, nonce, recipient, ...amounts]);
}

/** A lane from 1 on: what is due of a cumulative payment (spec §10.6). */
function claimLane(act: ModelAct, claim: ChannelClaim): void {
  const { channelId, lane, planned: cumulative, signature } = claim;
  const channel = find(act, channelId);
  const { generation, signer, sender, recipient, token } = channel;
  demand(recipient === act.actor, "claim_recipient_not_actor");
  demand(channel.payments !== "mpe", "claim_form_not_taken");
  demand(lane <= channel.lanes, "state_full");
  const row = act.state.get("channel_lanes", channelId, lane);
  const redeemed = row?.generation === generation ? row.redeemed : 0n;
  const open = cumulative - redeemed;
  const due = open < channel.value ? open : channel.value;
  demand(due > 0n, "claim_nothing_due");
  const domain = computeDomainSeparator(act.crypto, act.at);
  const payment = { channelId, generation, lane, cumulative };
  const digest = computeLaneDigest(act.crypto, domain, payment);
  demand(act.isSignedBy(digest, signature, signer, sender), "claim_signature_wrong");

  pay(act, recipient, token, due);
  const left = channel.value - due;
  const sentBack = claim.isSendBack ? left : 0n;
  pay(act, sender, token, sentBack);
  act.state.put("channel_lanes", {
    ...{ channel_id: channelId, lane, generation },
    ...{ redeemed: redeemed + due, last_cumulative: cumulative },
  });
  const lane_count = channel.lane_count + (row === undefined ? 1 : 0);
  const paid = { ...channel, lane_count, value: left };
  const after = claim.isSendBack ? { ...end(paid), nonce: channel.nonce + 1 } : paid;
  act.state.put("channels", after);
  const amounts = [due, cumulative, sentBack, after.value] as const;
  act.notify("LaneRedeemed", [channelId, generation, lane, recipient, ...amounts]);
}
