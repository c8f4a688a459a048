/** Bodies of channels, services and escrows, all fields as wide as the wire takes them. */

import fc from "fast-check";
import {
  CHANNEL_PAYMENTS,
  type ChannelBody,
  type ChannelClaim,
} from "../../spec/channel-operations.ts";
import type { EscrowBody, EscrowTerms } from "../../spec/escrow-operations.ts";
import {
  AMOUNT_MAX,
  BASIS_POINTS,
  CLAIMS_MAX,
  COUNTER_MAX,
  ENDPOINTS_MAX,
  INTENT_PROVIDERS_MAX,
  KEY_GROUPS_MAX,
  LANE_MAX,
  MESSAGES_MAX,
  PREDICATE_BYTES_MAX,
  TAGS_MAX,
  TERM_SEC_MAX,
  UNITS_MAX,
} from "../../spec/limits.ts";
import {
  DELIVERY_MODES,
  type ServiceBody,
  type ServiceOffer,
} from "../../spec/service-operations.ts";
import { bytes } from "./crypto.ts";

export type SettlementBody = ChannelBody | ServiceBody | EscrowBody;

const upTo = (max: number) =>
  fc.oneof(
    fc.nat(Math.min(max, 300)),
    fc.maxSafeNat().map((n) => n % (max + 1)),
    fc.constant(max),
  );
const address = bytes(20);
const hash = bytes(32);
const signature = bytes(65);
const escrowId = bytes(16);
const amount = fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, AMOUNT_MAX));
const id = upTo(COUNTER_MAX);
const unit = upTo(UNITS_MAX);
const term = upTo(TERM_SEC_MAX);
const messages = upTo(MESSAGES_MAX);
const optionalHash = fc.oneof(bytes(0), hash);
const texts = (text: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(text, { maxLength, size: "small" });

const terms: fc.Arbitrary<EscrowTerms> = fc.record({
  unitCount: unit,
  deliveryTimeSec: term,
  answerTimeSec: term,
  arbiter: address,
  arbitrationTimeSec: term,
  autoFillLimit: amount,
  durationSec: term,
  expectedMsgs: messages,
  minMsgCount: messages,
  minValidBasisPoints: upTo(BASIS_POINTS),
  autoRenew: fc.boolean(),
  predicate: bytes(0, Math.min(64, PREDICATE_BYTES_MAX)),
});

const plainClaim: fc.Arbitrary<ChannelClaim> = fc.record({
  channelId: id,
  lane: fc.constant(0),
  actual: amount,
  planned: amount,
  form: fc.constantFrom("mpe", "eip712"),
  isSendBack: fc.boolean(),
  signature,
});
const laneClaim: fc.Arbitrary<ChannelClaim> = fc.record({
  channelId: id,
  lane: upTo(LANE_MAX - 1).map((lane) => lane + 1),
  actual: fc.constant(0n),
  planned: amount,
  form: fc.constant("eip712"),
  isSendBack: fc.boolean(),
  signature,
});
export const channelClaim = fc.oneof(plainClaim, laneClaim);

const channelTerms = {
  recipient: address,
  signer: address,
  groupId: hash,
  token: address,
  value: amount,
  expirationBlock: id,
  payments: fc.constantFrom(...CHANNEL_PAYMENTS),
};

const record = <K extends SettlementBody["kind"]>(
  kind: K,
  fields: {
    [F in Exclude<keyof Extract<SettlementBody, { kind: K }>, "kind">]: fc.Arbitrary<
      Extract<SettlementBody, { kind: K }>[F]
    >;
  },
) => fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<SettlementBody>;

/** Bodies of one kind each; `text` is any text of the wire. */
export function settlementBodies(text: fc.Arbitrary<string>): {
  readonly [K in SettlementBody["kind"]]: fc.Arbitrary<SettlementBody>;
} {
  const offer: fc.Arbitrary<ServiceOffer> = fc.record({
    organization: text,
    groupId: optionalHash,
    tags: texts(text, TAGS_MAX),
    mode: fc.constantFrom(...DELIVERY_MODES),
    token: address,
    price: amount,
    paymentAddress: address,
    endpoints: texts(text, ENDPOINTS_MAX),
    streamId: id,
    groups: upTo(2 ** KEY_GROUPS_MAX - 1),
  });
  return {
    open_channel: record("open_channel", channelTerms),
    open_channel_by_third_party: record("open_channel_by_third_party", {
      ...channelTerms,
      sender: address,
      messageNonce: amount,
      form: fc.constantFrom("mpe", "eip712"),
      signature,
    }),
    add_channel_funds: record("add_channel_funds", { channelId: id, amount }),
    extend_channel: record("extend_channel", { channelId: id, expirationBlock: id }),
    extend_and_add_channel_funds: record("extend_and_add_channel_funds", {
      channelId: id,
      expirationBlock: id,
      amount,
    }),
    claim_channel: channelClaim.map((claim) => ({ kind: "claim_channel", ...claim })),
    multi_claim: record("multi_claim", {
      claims: fc.array(channelClaim, { maxLength: CLAIMS_MAX, size: "small" }),
    }),
    claim_channel_timeout: record("claim_channel_timeout", { channelId: id }),
    put_organization: record("put_organization", { organization: text, name: text }),
    put_payment_group: record("put_payment_group", {
      organization: text,
      groupId: hash,
      name: text,
      paymentAddress: address,
      endpoints: texts(text, ENDPOINTS_MAX),
    }),
    publish_service: record("publish_service", { name: text, offer }),
    update_service: record("update_service", { serviceId: id, offer }),
    withdraw_service: record("withdraw_service", { serviceId: id }),
    open_escrow: record("open_escrow", { serviceId: id, version: id, amount, terms }),
    open_intent: record("open_intent", {
      tag: text,
      mode: fc.constantFrom(...DELIVERY_MODES),
      token: address,
      ceiling: amount,
      acceptTimeSec: term,
      providers: fc.array(address, { maxLength: INTENT_PROVIDERS_MAX }),
      amount,
      terms,
    }),
    accept_intent: record("accept_intent", { escrowId, serviceId: id, version: id }),
    deliver_unit: record("deliver_unit", { escrowId, unit, batchId: id, commitment: optionalHash }),
    start_session: record("start_session", { escrowId, unit }),
    anchor_session: record("anchor_session", {
      ...{ escrowId, unit, batchId: id, root: hash },
      messageCount: messages,
      validCount: messages,
    }),
    redeem_receipt: record("redeem_receipt", {
      ...{ escrowId, unit, batchId: id, signature },
      messageCount: messages,
      validCount: messages,
    }),
    accept_unit: record("accept_unit", { escrowId, unit }),
    reject_unit: record("reject_unit", { escrowId, unit, batchId: id }),
    arbitrate: record("arbitrate", { escrowId, unit, amount }),
    end_escrow: record("end_escrow", { escrowId }),
    fund_escrow: record("fund_escrow", { escrowId, amount }),
    set_auto_fill: record("set_auto_fill", { escrowId, limit: amount }),
    poke_escrow: record("poke_escrow", { escrowId }),
  };
}
