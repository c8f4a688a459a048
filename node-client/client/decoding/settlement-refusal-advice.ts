import type { Refusal } from "../../../spec/refusals.ts";

const ASK_FOR_PAYMENT = "Ask the payer for a payment of the channel's current nonce or generation.";

/**
 * What the refusals of channels, services and escrows mean and what to do about them: a part of
 * `REFUSAL_ADVICE`.
 */
export const SETTLEMENT_REFUSAL_ADVICE = {
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

  slug_invalid: [
    "Organizations, services and tags have 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen, the first a letter or digit.",
    "Choose such a name; it becomes a part of topics and addresses.",
  ],
  display_name_invalid: [
    "A name for people has 1 to 64 bytes of printable text.",
    "Choose a shorter name without control characters.",
  ],
  endpoints_invalid: [
    "There are at most 8 endpoints, distinct, each of 1 to 256 printable characters without a space.",
    "Give distinct and short endpoints, such as https://example.org/api.",
  ],
  organization_not_found: [
    "There is no organization of this name.",
    "Create it first, or leave the organization out.",
  ],
  organization_sender_not_owner: [
    "Only its owner changes an organization or publishes for it.",
    "Send or sign it with the owner's account, or choose another name.",
  ],
  payment_group_not_found: [
    "An offer's payment group is one of its organization's.",
    "Put the payment group into the organization first, or leave it out.",
  ],
  service_not_found: ["There is no service of this number.", "Look it up by the query services."],
  service_sender_not_provider: [
    "Only its provider changes a service, or takes an intent with it.",
    "Send or sign it with the provider's account.",
  ],
  service_withdrawn: [
    "A withdrawn service stays withdrawn: nothing new is opened on it.",
    "Choose another service; its provider may publish one under another name.",
  ],
  service_name_taken: [
    "A provider has one service of a name, withdrawn ones included.",
    "Choose another name, or publish a new version of the service that is there.",
  ],
  service_tags_invalid: [
    "A service has 1 to 16 distinct tags of a-z, 0-9, dot, underscore and hyphen.",
    "Mend the tag that the detail names.",
  ],
  service_price_zero: [
    "A unit has a price, and an intent a ceiling, above zero.",
    "Give a positive price in the token's base units.",
  ],
  service_stream_not_own: [
    "A service sells the streams of its provider's own devices.",
    "Name a stream of a device of the publishing account.",
  ],
  service_groups_invalid: [
    "An offer of a sealed stream names which of its key groups a buyer gets; any other names none.",
    "Give key groups that the stream has, or none for an open stream or no stream.",
  ],
  service_version_not_current: [
    "An escrow is opened on a service's current version, so that no price surprises the buyer.",
    "Look at the current version and its price, and name it.",
  ],

  escrow_not_found: [
    "There is no escrow of this identifier.",
    "Look it up by the query escrows; nobody can choose an identifier.",
  ],
  escrow_closed: [
    "Nothing leaves or enters an escrow that was released, refunded or has expired.",
    "Open another one; what it held has gone to its parties.",
  ],
  escrow_sender_not_buyer: [
    "Only its buyer answers and fills an escrow, or opens one.",
    "Send or sign it with the buyer's account.",
  ],
  escrow_sender_not_provider: [
    "Only the provider delivers units and runs sessions.",
    "Send or sign it with the provider's account.",
  ],
  escrow_sender_not_arbiter: [
    "Only the arbiter that the escrow names splits a disputed unit.",
    "Send or sign it with the arbiter's account.",
  ],
  escrow_sender_not_party: [
    "Only the buyer and the provider end an escrow.",
    "Send or sign it with the account of one of them.",
  ],
  escrow_terms_invalid: [
    "An escrow's terms have times above zero, and the fields that its delivery mode asks for.",
    "Mend the field that the detail names.",
  ],
  escrow_amount_under_price: [
    "An escrow is opened with the money for one unit at least.",
    "Put in the unit's price, or an intent's ceiling, at least.",
  ],
  escrow_parties_equal: [
    "Buyer, provider and arbiter of an escrow are different accounts.",
    "Name another provider or arbiter, or act with another account.",
  ],
  escrow_predicate_invalid: [
    "A predicate is ranges under and and or: at most 32 of them, 4 deep, in 1,024 bytes.",
    "Write a smaller predicate; minimums are not above maximums.",
  ],
  escrow_predicate_unfit: [
    "A predicate judges an open stream, by integer metrics of its name, unit and scale.",
    "Name the metrics as the service's stream declares them.",
  ],
  escrow_retention_too_short: [
    "What a unit is judged by stays in the state longer than the judgement takes.",
    "Take shorter times for session, answer and arbitration, or a service whose stream keeps its readings longer.",
  ],
  escrow_mode_wrong: [
    "Units of a pull service are delivered; a pubsub service runs sessions.",
    "Use the operation of the escrow's delivery mode.",
  ],
  escrow_status_wrong: [
    "Each step of an escrow has its status, and a deadline that passed has moved it on.",
    "Look at the escrow's status and what it awaits.",
  ],
  escrow_unit_wrong: [
    "Units are settled one after the other: only the next one can be named.",
    "Name the escrow's next unit, unless it is settled already.",
  ],
  escrow_held_too_low: [
    "A unit is delivered when the escrow holds its price.",
    "Let the buyer fund the escrow, or raise its auto-fill and their own balance.",
  ],
  escrow_nothing_due: [
    "A poke applies what time has decided, and no deadline has passed.",
    "Wait for the escrow's deadline.",
  ],
  escrow_kind_wrong: [
    "Only an intent is taken by a provider; a standard escrow has one from its opening.",
    "Name an intent that waits for a provider.",
  ],
  intent_provider_not_named: [
    "This intent names the providers who may take it.",
    "Look for an intent that names this account, or names nobody.",
  ],
  intent_service_unfit: [
    "An intent is taken with a service of its tag, delivery mode and token.",
    "Take it with a service that fits, or leave it to others.",
  ],
  intent_price_over_ceiling: [
    "An intent is taken at a price at or below its ceiling.",
    "Leave it: a cheaper version published now is too late for it.",
  ],
  intent_version_not_of_opening: [
    "An intent is taken with the version that was current when it was opened.",
    "Name that version of the service, published before the intent and not replaced before it.",
  ],
  delivery_batch_wrong: [
    "A unit is delivered with a batch of the service's stream from after the last unit, opening or session start.",
    "Submit new readings and deliver their batch.",
  ],
  delivery_batch_unneeded: [
    "A service without a stream is delivered by a commitment to the data, not by a batch.",
    "Leave the batch out.",
  ],
  delivery_commitment_wrong: [
    "A service without a stream is delivered by 32 bytes of commitment; one with a stream by a batch alone.",
    "Give one of the two, as the service sells.",
  ],
  delivery_grant_missing: [
    "A unit of a sealed stream counts when the buyer has a grant over it that outlasts the answer time.",
    "Grant the buyer the batch's epoch and all key groups of the offer, for longer.",
  ],
  session_not_over: [
    "A session is anchored when its time is over.",
    "Wait for its end, or redeem the buyer's receipt, which needs no waiting.",
  ],
  session_counts_wrong: [
    "Valid messages are among all of them, and a pull has no counts.",
    "Give a valid count at or below the message count; 0 for a pull's receipt.",
  ],
  receipt_signature_wrong: [
    "A receipt is signed by the escrow's buyer, for this escrow, unit and counts.",
    "Ask the buyer for a receipt, and send it as it was signed.",
  ],
  receipt_not_needed: [
    "A receipt pays units that are not settled yet.",
    "Do nothing: all that it accepts is paid or refunded already.",
  ],
  receipt_unit_not_delivered: [
    "A unit of a sealed stream is paid once its batch and the buyer's grant are in the state.",
    "Deliver the unit first, then redeem the receipt.",
  ],
  escrow_judged_by_machine: [
    "Where a predicate was agreed, the machine judges the readings and nobody else.",
    "Deliver, or wait for the session's deadline: then the verdict is there.",
  ],
  escrow_batch_not_disproved: [
    "A rejection by a batch needs fraud that is proven: a disproved batch of this unit.",
    "Prove it by a challenge first, or reject the unit without a batch.",
  ],
  arbitration_over_price: [
    "An arbiter splits the price of one unit.",
    "Give the provider at most the unit's price.",
  ],
} as const satisfies Partial<Record<Refusal, readonly [rule: string, advice: string]>>;
