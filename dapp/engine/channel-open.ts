import type { ChannelTerms } from "../../spec/channel-operations.ts";
import { computeDigestOfOpening, encodePayments } from "../../spec/channel-payment.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { isZero } from "../../spec/words.ts";
import { balanceOf, checkBalance, debitBalance, moveTotal, openBalance } from "./balances.ts";
import { checkSigner } from "./budget.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { noteMade } from "./resolve-references.ts";

export const CHANNEL_OPENING_HANDLERS = {
  open_channel: applyOpenChannel,
  open_channel_by_third_party: applyOpenChannelByThirdParty,
} satisfies Partial<Handlers>;

/** §10.2 Opens a channel of the actor, who pays. */
function applyOpenChannel(body: BodyOf<"open_channel">, context: OperationContext): Outcome {
  const refused = checkTerms(body, context);
  if (refused !== undefined) return refused;

  // COMMIT POINT
  return insertChannel(context.actor, body, context);
}

/** §10.2 Opens a channel of whoever signed the message; the actor pays. A message counts once. */
function applyOpenChannelByThirdParty(
  body: BodyOf<"open_channel_by_third_party">,
  context: OperationContext,
): Outcome {
  const { store, actor, crypto, at } = context;
  const { sender, signature } = body;
  const refused = checkTerms(body, context);
  if (refused !== undefined) return refused;
  const digest = computeDigestOfOpening(crypto, at, actor, body);
  if (store.channelMessages.get(digest) !== undefined) {
    return refuse("channel_message_used", "digest {digest}", { digest });
  }
  const unsigned = checkSigner(
    context,
    signature,
    () => digest,
    [sender],
    (signer) => {
      const detail =
        "signed by {signer} for these terms and payer {payer}, not by the sender {sender}";
      return refuse("channel_message_signature_wrong", detail, { signer, payer: actor, sender });
    },
  );
  if (unsigned !== undefined) return unsigned;

  // COMMIT POINT
  store.channelMessages.insert({ messageDigest: digest });
  return insertChannel(sender, body, context);
}

/** What MPE asks of every opening, in its order. */
function checkTerms(terms: ChannelTerms, { store, actor }: OperationContext): Refused | undefined {
  const poor = checkBalance(balanceOf(store, actor, terms.token), terms.token, terms.value);
  if (poor !== undefined) return poor;
  if (isZero(terms.signer)) {
    return refuse("channel_signer_zero", "the signer is {signer}", terms);
  }
  return undefined;
}

/** Part of the commit: the value moves from the actor's balance into a new channel. */
function insertChannel(
  sender: Uint8Array,
  terms: ChannelTerms,
  context: OperationContext,
): readonly Output[] {
  const { store, actor } = context;
  const { recipient, signer, groupId, token, value, expirationBlock, payments, lanes } = terms;
  const low = debitBalance(store, actor, token, value);
  moveTotal(store, token, "inBalances", "inChannels", value);
  // What the channel's end can pay to.
  openBalance(store, sender, token);
  openBalance(store, recipient, token);
  const channelId = store.channels.nextId();
  store.channels.insert({
    ...{
      channelId,
      sender,
      signer,
      recipient,
      groupId,
      token,
      value,
      expirationBlock,
      payments,
      lanes,
    },
    ...{ laneCount: 0, nonce: 0, generation: 0, lastPlanned: 0n, lastActual: 0n },
  });
  noteMade(context, "channel", channelId);
  return [
    encodeNotice("ChannelOpened", [
      channelId,
      sender,
      signer,
      recipient,
      groupId,
      token,
      value,
      expirationBlock,
      encodePayments(payments),
      lanes,
    ]),
    ...low,
  ];
}
