import type { Refusal } from "../../../spec/refusals.ts";
import { SETTLEMENT_REFUSAL_ADVICE } from "./settlement-refusal-advice.ts";

const OTHER_VERSION = "Use a client of the application's version.";
const SEND_LESS = "Spread the operations over several inputs.";
const BROKEN_BATCH = "Seal the readings again with StreamWriter; a batch is never mended by hand.";

/**
 * What every refusal means and what to do about it: the rule in a sentence, then one imperative
 * sentence. A test holds that none is missing.
 */
export const REFUSAL_ADVICE: Readonly<Record<Refusal, readonly [rule: string, advice: string]>> = {
  envelope_version_unknown: [
    "An input begins with the byte 0x01 (plain) or 0x02 (sealed).",
    "Send operations by sendOperations, which writes the envelope.",
  ],
  envelope_seal_broken: [
    "A sealed input opens only for the machine, application and sender it was sealed for.",
    "Seal it anew with the machine key that the query root answers, and send it from that account.",
  ],
  envelope_malformed: ["An input is one list in the canonical encoding.", OTHER_VERSION],
  envelope_over_bounds: ["An input has at most 256 operations and 65,216 bytes.", SEND_LESS],
  envelope_empty: ["An input carries at least one operation.", "Put an operation into it."],
  deposit_malformed: [
    "A deposit is what a portal packs, of a token that has an address.",
    "Deposit through the portals of rollups-contracts 2.2.0.",
  ],

  state_full: [
    "What would make the state outgrow its machine is refused; what takes money out or ends something never is.",
    "Wait until somebody makes room, or use another application.",
  ],
  growth_over_payload: [
    "Each byte of an input pays for four bytes that its operations add to the state.",
    "Lengthen the payload by so many zero bytes; sendOperations does.",
  ],
  bond_too_low: [
    "A state that is more than half full takes a bond in Ether for each byte that an operation adds.",
    "Deposit Ether into the application first.",
  ],
  bond_nothing_released: [
    "A bond is released as rows that the account has added go.",
    "Look at the query bond for what is released.",
  ],

  operation_kind_unknown: [
    "The application knows the kinds of operations of its own version.",
    OTHER_VERSION,
  ],
  operation_malformed: ["An operation has the fields of its kind, in order.", OTHER_VERSION],
  operation_readings_over_bounds: [
    "An input carries, challenges and judges at most 4,096 readings in all.",
    SEND_LESS,
  ],
  operation_signatures_over_bounds: [
    "An input has at most 256 signatures verified, refused ones included.",
    SEND_LESS,
  ],
  authorization_kind_wrong: [
    "A device's signature authorizes its submissions and nothing else.",
    "Let the device sign batches, and the account sign or send everything else.",
  ],
  authorization_expired: [
    "A relayed operation applies in blocks before its deadline only.",
    "Sign it again with a later deadline.",
  ],
  authorization_nonce_wrong: [
    "A relayed operation carries its account's next nonce, and applies once.",
    "Ask the query account for the next nonce and sign again, unless it has applied already.",
  ],
  authorization_signature_wrong: [
    "A relayed operation is signed by the account it names, for this chain and application.",
    "Sign it with that account's key, for this chain id and application.",
  ],
  reference_not_made: [
    "A reference names an earlier operation of the same input and account, which made such a thing.",
    "Send both in one input, the one that makes it first, or name the thing by its identifier.",
  ],
  reference_signed: [
    "Only who sends an input refers to what it makes: a signature would cover a place, not a thing.",
    "Send the operations from the account itself, or sign one with the identifier.",
  ],

  amount_zero: ["Only a positive amount can be moved.", "Give an amount above zero."],
  recipient_not_payable: [
    "Nothing is paid to the zero address, nor withdrawn to the application itself.",
    "Name another recipient.",
  ],
  balance_too_low: [
    "Nobody moves more than they hold in the application.",
    "Deposit more first, or move less.",
  ],

  device_key_invalid: [
    "A device's key is a point of its curve, in the one canonical form.",
    "Give the key that createDeviceSigner makes, or the bytes inside the device's did:key.",
  ],
  device_key_used: [
    "A key that was ever a device's never comes back.",
    "Make a fresh key for the device.",
  ],
  device_possession_unproven: [
    "The device signs that it agrees to this owner, on this chain and application.",
    "Sign the possession with the device's own key, for the account that registers it.",
  ],
  device_not_found: ["There is no device of this number.", "Look it up by the query devices."],
  device_sender_not_owner: [
    "Only its owner changes a device and its streams.",
    "Send or sign it with the owner's account.",
  ],
  device_revoked: [
    "A revoked device stays revoked: it sends nothing more and gets no streams.",
    "Register another device with a fresh key.",
  ],

  stream_name_invalid: [
    "A stream's name has 1 to 64 bytes of printable text.",
    "Choose a shorter name without control characters.",
  ],
  stream_name_taken: [
    "A device has one stream of a name.",
    "Choose another name, or write to the stream that is there.",
  ],
  stream_metrics_invalid: [
    "Metrics have distinct names, a unit, a scale and bounds that hold together.",
    "Mend the metric that the detail names.",
  ],
  stream_groups_invalid: [
    "The key groups of a stream are numbered from 0, and each has a metric.",
    "Number the groups without a gap; an open stream has group 0 only.",
  ],
  stream_not_found: ["There is no stream of this number.", "Look it up by the query streams."],
  stream_not_sealed: [
    "Epochs and grants belong to sealed streams; an open stream needs none.",
    "Read it without a grant, or declare a sealed stream.",
  ],
  epoch_not_next: [
    "A rotation names the stream's current epoch plus 1.",
    "Ask the query stream for the current epoch, and name the next.",
  ],
  epoch_key_hashes_wrong: [
    "A sealed stream's epoch has one key hash a key group; an open stream has none.",
    "Give one hash of computeEpochKeyHash a key group.",
  ],

  submission_epoch_not_current: [
    "A batch counts in its stream's current epoch only.",
    "Seal the readings again under the current epoch's keys.",
  ],
  submission_sequence_used: [
    "Sequences rise strictly, so nothing is accepted twice.",
    "Skip the batch: it, or a later one, is in the stream already.",
  ],
  submission_count_out_of_bounds: [
    "A batch has 1 to 4,096 readings, with sequences below 2^48.",
    "Cut the readings into smaller batches.",
  ],
  break_too_early: [
    "A batch that the device still needs has not arrived: a break may not drop it.",
    "Send the batches up to the break's floor first, then this one again.",
  ],
  submission_ephemeral_key_invalid: [
    "The ephemeral key of a batch's seal is an X25519 key of no small order.",
    BROKEN_BATCH,
  ],
  submission_seal_broken: [
    "A batch opens only under the machine's key and the very header that it was sealed with.",
    "Seal it anew with the machine key that the query root answers, for this stream and device.",
  ],
  submission_columns_malformed: [
    "A batch's body is the columns of exactly the declared metrics.",
    BROKEN_BATCH,
  ],
  submission_time_out_of_bounds: [
    "A reading's time is Unix seconds from 0 to 2^40 - 1.",
    "Check the unit of the times: milliseconds are not seconds.",
  ],
  submission_value_out_of_bounds: [
    "A value stays within the bounds that its metric declares.",
    "Leave the reading out, or declare a stream with wider bounds.",
  ],
  submission_signature_wrong: [
    "A batch is signed by its device's current key, over the stream's last accepted batch.",
    "Sign with the device's current key and the last_batch_hash of the query stream, or declare a break.",
  ],
  submission_leaves_over_bounds: [
    "A key group's readings unfold to at most 1 MiB.",
    "Cut the readings into smaller batches.",
  ],

  encryption_key_invalid: [
    "An encryption key is an X25519 public key of no small order.",
    "Give the public key of a fresh X25519 secret.",
  ],
  grant_epoch_not_known: [
    "A grant is for the stream's current epoch or an older one.",
    "Grant the current epoch, and the next one once it has begun.",
  ],
  grant_groups_invalid: [
    "A grant names at least one of the stream's key groups, and no other.",
    "Give a bit mask of the stream's key groups, bit 0 for group 0.",
  ],
  grant_buyer_without_key: [
    "Keys are wrapped to a key that the buyer has registered.",
    "Let the buyer register an encryption key first.",
  ],
  grant_expired_already: [
    "A grant ends after the block that it is made in.",
    "Give an expiry in the future, in Unix seconds.",
  ],
  grant_wrapped_keys_wrong: [
    "A grant carries one wrapped key for each key group that it names.",
    "Wrap the keys by wrapEpochKeys, with the same groups.",
  ],
  grant_exists: [
    "A buyer has one live grant of a stream and epoch.",
    "Revoke it first, or wait until it has expired.",
  ],
  grant_not_found: [
    "There is no grant of this stream, epoch and buyer.",
    "Look it up by the query grants.",
  ],
  grant_revoked_already: ["A grant is revoked once.", "Do nothing: it has ended already."],
  batch_not_found: ["There is no batch of this number.", "Look it up by the query batches."],
  batch_not_sealed: [
    "Only sealed batches are challenged: the machine has checked open ones itself.",
    "Challenge a batch of a sealed stream.",
  ],
  batch_disproved_already: [
    "A batch is disproved once.",
    "Do nothing: everybody can see that it is false.",
  ],
  batch_archived: [
    "The body of the batch has left the state: its stream keeps bodies for a time.",
    "Take a younger batch; a challenge brings salt and body along, from readArchivedBatch.",
  ],
  challenge_body_wrong: [
    "Salt and body that a challenge brings along are those that the device signed.",
    "Take both from readArchivedBatch, for this very batch.",
  ],
  retention_nothing_due: [
    "A poke archives and folds what is due, and nothing is.",
    "Do nothing, or wait until batches of a stream with a retention are due.",
  ],
  challenge_group_unknown: [
    "A challenge names one of the stream's key groups.",
    "Give the key group that does not open, counted from 0.",
  ],
  challenge_key_wrong: [
    "A challenge reveals the very batch key that the batch commits to.",
    "Give the batch key that the refused reading names, and check the batch's number.",
  ],
  challenge_batch_honest: [
    "An honest batch cannot be disproved: its columns give the committed root.",
    "Read it again with these keys; if it still fails, the reader is wrong.",
  ],

  ...SETTLEMENT_REFUSAL_ADVICE,
};
