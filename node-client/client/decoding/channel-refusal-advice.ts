import type { Refusal } from "../../../spec/refusals.ts";

const ASK_FOR_PAYMENT = "Ask the payer for a payment of the channel's current nonce or generation.";

/** What the refusals of channels mean and what to do about them: a part of `REFUSAL_ADVICE`. */
export const CHANNEL_REFUSAL_ADVICE = {
  channel_not_found: [
    "There is no channel of this number.",
    "Look it up by the query channels; channels are counted from 0.",
  ],
  channel_signer_zero: [
    "A channel's payments are signed by an account, and nobody signs for the zero address.",
    "Name the account that will sign as the signer.",
  ],
  channel_message_used: [
    "A sender's word to open a channel in their name counts once.",
    "Let the sender sign again, with another message nonce.",
  ],
  channel_message_signature_wrong: [
    "The sender that a channel names has signed these very terms, and for this payer.",
    "Let the sender sign the terms as they are sent, for the account that sends and funds them.",
  ],
  channel_sender_not_actor: [
    "Only its sender extends a channel, or takes back what is left of it.",
    "Send or sign it with the channel's sender; anybody may add funds.",
  ],
  channel_expiration_lower: [
    "A channel's expiration never moves to an earlier block: its recipient relies on it.",
    "Give the present expiration block or a later one.",
  ],
  channel_not_expired: [
    "The sender takes back what is left of a channel from its expiration block on.",
    "Wait for that block, or ask the recipient to claim with send-back.",
  ],
  claim_over_value: [
    "A claim takes at most what the channel holds.",
    "Claim at most the channel's value, or have funds added first.",
  ],
  claim_recipient_not_actor: [
    "Only its recipient claims from a channel.",
    "Send or sign it with the recipient's account.",
  ],
  claim_over_planned: [
    "A claim takes at most what the payer signed for.",
    "Claim at most the signed amount, or ask the payer for a larger payment.",
  ],
  claim_form_not_taken: [
    "A channel takes the kinds of payments that it was opened for; lanes are EIP-712.",
    "Ask the payer for a payment in the form that the channel takes.",
  ],
  claim_signature_wrong: [
    "A payment is signed by the channel's signer or sender, for the current nonce or generation.",
    ASK_FOR_PAYMENT,
  ],
  claim_nothing_due: [
    "A lane pays what its payment promises above what was redeemed, out of what the channel holds.",
    "Redeem a later payment of the lane, or have funds added to the channel.",
  ],
  claim_list_empty: ["A multi-claim redeems at least one payment.", "Put a payment into it."],
} as const satisfies Partial<Record<Refusal, readonly [rule: string, advice: string]>>;
