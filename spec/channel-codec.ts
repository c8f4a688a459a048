import {
  CHANNEL_PAYMENTS,
  type ChannelBody,
  type ChannelClaim,
  type ChannelTerms,
  type PaymentForm,
} from "./channel-operations.ts";
import { encodeUint, type Wire } from "./codec.ts";
import { CLAIMS_MAX, COUNTER_MAX, LANE_MAX } from "./limits.ts";
import type { Fields } from "./wire-fields.ts";

type Decoders = { [K in ChannelBody["kind"]]: (f: Fields) => Extract<ChannelBody, { kind: K }> };

const FORMS: readonly PaymentForm[] = ["mpe", "eip712"];
const FLAG_SEND_BACK = 1;
const FLAG_EIP712 = 2;

function decodeTerms(f: Fields): ChannelTerms {
  return {
    recipient: f.bytes(20),
    signer: f.bytes(20),
    groupId: f.bytes(32),
    token: f.bytes(20),
    value: f.amount(),
    expirationBlock: f.count(COUNTER_MAX),
    payments: f.choice(CHANNEL_PAYMENTS),
  };
}

const encodeTerms = (terms: ChannelTerms): Wire[] => [
  terms.recipient,
  terms.signer,
  terms.groupId,
  terms.token,
  encodeUint(terms.value),
  encodeUint(terms.expirationBlock),
  CHANNEL_PAYMENTS.indexOf(terms.payments),
];

/**
 * Channel, lane, flags (1 send back, 2 EIP-712), actual, planned, signature: 80 to 100 bytes for
 * amounts of everyday size, because one multi-claim carries many.
 */
function decodeClaim(f: Fields): ChannelClaim {
  const channelId = f.count(COUNTER_MAX);
  const lane = f.count(LANE_MAX);
  const flags = f.count(FLAG_SEND_BACK | FLAG_EIP712);
  const actual = f.amount();
  const claim: ChannelClaim = {
    channelId,
    lane,
    actual,
    planned: f.amount(),
    form: (flags & FLAG_EIP712) === 0 ? "mpe" : "eip712",
    isSendBack: (flags & FLAG_SEND_BACK) !== 0,
    signature: f.bytes(65),
  };
  if (lane > 0 && (actual !== 0n || claim.form === "mpe")) f.hasFailed = true;
  return claim;
}

const encodeClaim = (claim: ChannelClaim): Wire[] => [
  encodeUint(claim.channelId),
  claim.lane,
  (claim.form === "eip712" ? FLAG_EIP712 : 0) | (claim.isSendBack ? FLAG_SEND_BACK : 0),
  encodeUint(claim.actual),
  encodeUint(claim.planned),
  claim.signature,
];

/** How the channels' bodies are read; fields in the order of the wire (spec §10.1). */
export const CHANNEL_DECODERS: Decoders = {
  open_channel: (f) => ({ kind: "open_channel", ...decodeTerms(f) }),
  open_channel_by_third_party: (f) => ({
    kind: "open_channel_by_third_party",
    sender: f.bytes(20),
    ...decodeTerms(f),
    messageNonce: f.amount(),
    form: f.choice(FORMS),
    signature: f.bytes(65),
  }),
  add_channel_funds: (f) => ({
    kind: "add_channel_funds",
    channelId: f.count(COUNTER_MAX),
    amount: f.amount(),
  }),
  extend_channel: (f) => ({
    kind: "extend_channel",
    channelId: f.count(COUNTER_MAX),
    expirationBlock: f.count(COUNTER_MAX),
  }),
  extend_and_add_channel_funds: (f) => ({
    kind: "extend_and_add_channel_funds",
    channelId: f.count(COUNTER_MAX),
    expirationBlock: f.count(COUNTER_MAX),
    amount: f.amount(),
  }),
  claim_channel: (f) => ({ kind: "claim_channel", ...decodeClaim(f) }),
  multi_claim: (f) => ({ kind: "multi_claim", claims: f.structs(CLAIMS_MAX, decodeClaim) }),
  claim_channel_timeout: (f) => ({
    kind: "claim_channel_timeout",
    channelId: f.count(COUNTER_MAX),
  }),
};

/** The wire form of a channel's body; `undefined` for a body of another subject. */
export function encodeChannelBody(body: ChannelBody): Wire | undefined {
  switch (body.kind) {
    case "open_channel":
      return encodeTerms(body);
    case "open_channel_by_third_party": {
      const { sender, messageNonce, form, signature } = body;
      const tail = [encodeUint(messageNonce), FORMS.indexOf(form), signature];
      return [sender, ...encodeTerms(body), ...tail];
    }
    case "add_channel_funds":
      return [encodeUint(body.channelId), encodeUint(body.amount)];
    case "extend_channel":
      return [encodeUint(body.channelId), encodeUint(body.expirationBlock)];
    case "extend_and_add_channel_funds": {
      const { channelId, expirationBlock, amount } = body;
      return [encodeUint(channelId), encodeUint(expirationBlock), encodeUint(amount)];
    }
    case "claim_channel":
      return encodeClaim(body);
    case "multi_claim":
      return [body.claims.map(encodeClaim)];
    case "claim_channel_timeout":
      return [encodeUint(body.channelId)];
  }
  return undefined;
}
