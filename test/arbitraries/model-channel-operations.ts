import {
  CHANNEL_PAYMENTS,
  type ChannelClaim,
  type ChannelTerms,
  type PaymentForm,
} from "../../spec/channel-operations.ts";
import {
  computeLaneDigest,
  computeMpeDigest,
  computeOpeningDigest,
  computePaymentDigest,
  encodeMpeOpening,
  encodeMpePayment,
} from "../../spec/channel-payment.ts";
import type { Row } from "../../spec/model-rows.ts";
import { rememberingCrypto as crypto, signDigest } from "./model-crypto.ts";
import {
  type ActorOperation,
  bytesOf,
  DOMAIN,
  fill,
  PLACE,
  type View,
  ZERO,
} from "./model-view.ts";

const FORMS: readonly PaymentForm[] = ["mpe", "eip712"];

/** Operations on channels, right in nearly everything, so that what is wrong is one thing. */

function terms(v: View, payer: { balance: bigint; token: Uint8Array }): ChannelTerms {
  return {
    recipient: v.anybody.address,
    signer: v.rng.chance(15) ? ZERO : v.anybody.address,
    groupId: fill(v.rng.below(4)),
    token: payer.token,
    value: v.amount(payer.balance / 4n),
    expirationBlock: v.at.blockNumber + v.rng.below(40),
    payments: v.rng.pick(CHANNEL_PAYMENTS),
    lanes: v.rng.below(3),
  };
}

function payer(v: View) {
  const [actor, token] = [v.anybody, v.token];
  return { actor, token, balance: v.balance(actor, token) };
}

export function openChannel(v: View): ActorOperation {
  const who = payer(v);
  return { actor: who.actor, body: { kind: "open_channel", ...terms(v, who) } };
}

export function openByThirdParty(v: View): ActorOperation {
  const who = payer(v);
  const sender = v.anybody;
  const opening = terms(v, who);
  const messageNonce = BigInt(v.rng.below(3));
  const form = v.rng.pick(FORMS);
  const address = who.actor.address;
  const digest =
    form === "mpe"
      ? computeMpeDigest(crypto, encodeMpeOpening(PLACE.app, address, opening, messageNonce))
      : computeOpeningDigest(crypto, DOMAIN, address, sender.address, opening, messageNonce);
  const signature = signDigest(v.rng.chance(10) ? v.anybody : sender, digest);
  const tail = { sender: sender.address, messageNonce, form, signature };
  return { actor: who.actor, body: { kind: "open_channel_by_third_party", ...opening, ...tail } };
}

export function addFunds(v: View): ActorOperation | undefined {
  const channel = v.row("channels");
  if (channel === undefined) return undefined;
  const actor = v.anybody;
  const amount = v.amount(v.balance(actor, bytesOf(channel.token)) / 5n);
  const channelId = v.near(channel.channel_id);
  return { actor, body: { kind: "add_channel_funds", channelId, amount } };
}

export function extend(v: View): ActorOperation | undefined {
  const channel = v.row("channels");
  if (channel === undefined) return undefined;
  const actor = v.mostly(channel.sender);
  const channelId = v.near(channel.channel_id);
  const expirationBlock = v.near(channel.expiration_block + v.rng.below(20));
  if (v.rng.chance(2))
    return { actor, body: { kind: "extend_channel", channelId, expirationBlock } };
  const amount = v.amount(v.balance(actor, bytesOf(channel.token)) / 5n);
  const kind = "extend_and_add_channel_funds";
  return { actor, body: { kind, channelId, expirationBlock, amount } };
}

export function timeout(v: View): ActorOperation | undefined {
  const channel = v.row(
    "channels",
    (row) => v.rng.chance(3) || row.expiration_block <= v.at.blockNumber,
  );
  if (channel === undefined) return undefined;
  const { channel_id: channelId, sender } = channel;
  return { actor: v.mostly(sender), body: { kind: "claim_channel_timeout", channelId } };
}

function claimOf(v: View, channel: Row<"channels">, lanesPaid: Map<string, bigint>): ChannelClaim {
  const { channel_id: channelId, generation, payments } = channel;
  const isLane = payments !== "mpe" && v.rng.chance(2);
  const lane = isLane ? 1 + v.rng.below(4) : 0;
  const isSendBack = v.rng.chance(15);
  const signer = v.rng.chance(12)
    ? v.anybody
    : v.mostly(v.rng.chance(2) ? channel.signer : channel.sender);
  if (isLane) {
    const row = v.model.state.get("channel_lanes", channelId, lane);
    const name = `${channelId} ${lane}`;
    const redeemed = row?.generation === generation ? row.redeemed : 0n;
    const before = lanesPaid.get(name) ?? redeemed;
    const cumulative = before + v.amount(channel.value / 3n + 1n);
    lanesPaid.set(name, cumulative);
    const payment = { channelId, generation: v.near(generation), lane, cumulative };
    const signature = signDigest(signer, computeLaneDigest(crypto, DOMAIN, payment));
    const body = { channelId, lane, actual: 0n, planned: cumulative, isSendBack, signature };
    return { ...body, form: "eip712" };
  }
  const taken = FORMS.filter((form) => payments === "both" || payments === form);
  const form = v.rng.pick(v.rng.chance(20) ? FORMS : taken);
  const planned = v.amount(channel.value);
  const actual = v.rng.chance(2) ? planned : v.amount(planned);
  const name = `nonce ${channelId}`;
  const ahead = lanesPaid.get(name) ?? 0n;
  lanesPaid.set(name, ahead + 1n);
  const nonce = v.near(channel.nonce + Number(ahead));
  const payment = { channelId, nonce, amount: planned };
  const digest =
    form === "mpe"
      ? computeMpeDigest(crypto, encodeMpePayment(PLACE.app, payment))
      : computePaymentDigest(crypto, DOMAIN, payment);
  const signature = signDigest(signer, digest);
  return { channelId, lane, actual, planned, form, isSendBack, signature };
}

export function claim(v: View): ActorOperation | undefined {
  const channel = v.row("channels");
  if (channel === undefined) return undefined;
  const body = claimOf(v, channel, new Map());
  return { actor: v.mostly(channel.recipient), body: { kind: "claim_channel", ...body } };
}

/** Up to six claims, mostly of channels of one recipient, each on what those before it left. */
export function multiClaim(v: View): ActorOperation | undefined {
  const first = v.row("channels");
  if (first === undefined) return undefined;
  const paid = new Map<string, bigint>();
  const claims: ChannelClaim[] = [];
  for (let count = v.rng.below(7); count > 0; count--) {
    const other = v.row("channels", (row) => row.recipient === first.recipient) ?? first;
    claims.push(claimOf(v, { ...other, value: other.value / 3n }, paid));
  }
  return { actor: v.mostly(first.recipient), body: { kind: "multi_claim", claims } };
}
