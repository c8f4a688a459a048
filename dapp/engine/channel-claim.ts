import type { ChannelClaim, PaymentForm } from "../../spec/channel-operations.ts";
import {
  computeLaneDigest,
  computeMpeDigest,
  computePaymentDigest,
  encodeMpePayment,
} from "../../spec/channel-payment.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { equalBytes } from "../../spec/words.ts";
import { subtract } from "./amounts.ts";
import { checkSigner } from "./budget.ts";
import { ClaimDraft } from "./channel-draft.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import type { ChannelRow } from "./store.ts";

export const CHANNEL_CLAIM_HANDLERS = {
  claim_channel: applyClaimChannel,
  multi_claim: applyMultiClaim,
} satisfies Partial<Handlers>;

/** §10.5, §10.6 The recipient redeems one payment. */
function applyClaimChannel(body: BodyOf<"claim_channel">, context: OperationContext): Outcome {
  const draft = new ClaimDraft(context.store);
  const notice = redeem(body, draft, context, createDomain(context));
  if (isRefused(notice)) return notice;

  // COMMIT POINT
  draft.commit();
  return [notice];
}

/** §10.7 The recipient redeems payments in order, each on what those before it left: all or none. */
function applyMultiClaim({ claims }: BodyOf<"multi_claim">, context: OperationContext): Outcome {
  if (claims.length === 0) return refuse("claim_list_empty", "it has 0 payments");
  const draft = new ClaimDraft(context.store);
  const domain = createDomain(context);
  const notices: Output[] = [];
  for (const [index, claim] of claims.entries()) {
    const notice = redeem(claim, draft, context, domain);
    if (isRefused(notice)) {
      const detail = `claim ${index}: ${notice.detail}`;
      return { ...notice, detail, values: { claim: index, ...notice.values } };
    }
    notices.push(notice);
  }

  // COMMIT POINT
  draft.commit();
  return notices;
}

/** The domain separator, computed at most once an operation. */
function createDomain({ crypto, at }: OperationContext): () => Uint8Array {
  let separator: Uint8Array | undefined;
  return () => {
    separator ??= computeDomainSeparator(crypto, at);
    return separator;
  };
}

function redeem(
  claim: ChannelClaim,
  draft: ClaimDraft,
  context: OperationContext,
  domain: () => Uint8Array,
): Output | Refused {
  const channel = draft.getChannel(claim.channelId);
  if (channel === undefined) return refuse("channel_not_found", "channel {channelId}", claim);
  return claim.lane === 0
    ? claimNonce(claim, channel, draft, context, domain)
    : redeemLane(claim, channel, draft, context, domain);
}

/** §10.5 MPE's claim: `actual` of what was planned under the channel's nonce, which it ends. */
function claimNonce(
  claim: ChannelClaim,
  channel: ChannelRow,
  draft: ClaimDraft,
  context: OperationContext,
  domain: () => Uint8Array,
): Output | Refused {
  const { channelId, actual, planned, form } = claim;
  const { nonce, value } = channel;
  if (actual > value) {
    const detail = "claims {actual}, the channel holds {value}";
    return refuse("claim_over_value", detail, { actual, value });
  }
  const stranger = checkRecipient(channel, context);
  if (stranger !== undefined) return stranger;
  if (actual > planned) {
    return refuse("claim_over_planned", "claims {actual}, {planned} were signed", claim);
  }
  const unfit = checkForm(channel, form);
  if (unfit !== undefined) return unfit;
  const { crypto, at } = context;
  const payment = { channelId, nonce, amount: planned };
  const unsigned = checkSignature(claim, channel, context, () =>
    form === "mpe"
      ? computeMpeDigest(crypto, encodeMpePayment(at.app, payment))
      : computePaymentDigest(crypto, domain(), payment),
  );
  if (unsigned !== undefined) return unsigned;

  const claimed = { ...channel, nonce: nonce + 1, lastPlanned: planned, lastActual: actual };
  const { sendBack, keep } = draft.pay(
    { ...claimed, value: subtract(value, actual) },
    actual,
    claim,
  );
  return encodeNotice("ChannelClaimed", [
    channelId,
    nonce,
    channel.recipient,
    actual,
    planned,
    sendBack,
    keep,
  ]);
}

/** §10.6 Pays what a lane's cumulative payment has over what was redeemed, as far as there is. */
function redeemLane(
  claim: ChannelClaim,
  channel: ChannelRow,
  draft: ClaimDraft,
  context: OperationContext,
  domain: () => Uint8Array,
): Output | Refused {
  const { channelId, lane, planned: cumulative } = claim;
  const { nonce, generation, value } = channel;
  const stranger = checkRecipient(channel, context);
  if (stranger !== undefined) return stranger;
  const unfit = checkForm(channel, "eip712");
  if (unfit !== undefined) return unfit;
  const { lanes } = channel;
  if (lane > lanes) {
    return refuse("state_full", "lane {lane}, the channel has room for {lanes}", { lane, lanes });
  }
  const redeemed = draft.getRedeemed(channel, lane);
  const unpaid = cumulative - redeemed;
  const due = unpaid < value ? unpaid : value;
  if (due <= 0n) {
    const detail = "lane {lane} has redeemed {redeemed} of {cumulative}, the channel holds {value}";
    return refuse("claim_nothing_due", detail, { lane, redeemed, cumulative, value });
  }
  const payment = { channelId, generation, lane, cumulative };
  const unsigned = checkSignature(claim, channel, context, () =>
    computeLaneDigest(context.crypto, domain(), payment),
  );
  if (unsigned !== undefined) return unsigned;

  const laneCount = draft.putLane(channel, {
    channelId,
    lane,
    generation,
    redeemed: redeemed + due,
    lastCumulative: cumulative,
  });
  // Sending back ends lane 0's payments as well as the lanes'.
  const left = {
    ...channel,
    laneCount,
    value: subtract(value, due),
    nonce: claim.isSendBack ? nonce + 1 : nonce,
  };
  const { sendBack, keep } = draft.pay(left, due, claim);
  return encodeNotice("LaneRedeemed", [
    channelId,
    generation,
    lane,
    channel.recipient,
    due,
    cumulative,
    sendBack,
    keep,
  ]);
}

function checkRecipient(channel: ChannelRow, { actor }: OperationContext): Refused | undefined {
  if (equalBytes(channel.recipient, actor)) return undefined;
  const { recipient } = channel;
  const detail = "the recipient is {recipient}, not {actor}";
  return refuse("claim_recipient_not_actor", detail, { recipient, actor });
}

function checkForm({ payments }: ChannelRow, form: PaymentForm): Refused | undefined {
  if (payments === "both" || payments === form) return undefined;
  const detail = "the channel takes {payments}, the payment is {form}";
  return refuse("claim_form_not_taken", detail, { payments, form });
}

/** One verification of §2.4: signed by the channel's signer or its sender. */
function checkSignature(
  { lane, signature }: ChannelClaim,
  channel: ChannelRow,
  context: OperationContext,
  computeDigest: () => Uint8Array,
): Refused | undefined {
  const allowed = [channel.signer, channel.sender];
  return checkSigner(context, signature, computeDigest, allowed, (signedBy) => {
    const under = lane === 0 ? "nonce {nonce}" : "generation {generation}";
    const detail =
      `signed by {signedBy} under ${under}, not by the signer {signer} or the sender {sender}` as const;
    return refuse("claim_signature_wrong", detail, { ...channel, signedBy });
  });
}
