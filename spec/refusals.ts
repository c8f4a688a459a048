import { type Explanation, explain, type FaultValue, fillIn, type ValuesFor } from "./explain.ts";

/**
 * Why an operation or an input was refused (spec §8). Codes leave the machine inside reports:
 * never renumber, never reuse. Every one of them has a vector in `spec/vectors/transition`.
 */
export const REFUSALS = {
  // The input as a whole.
  envelope_version_unknown: 1,
  envelope_seal_broken: 2,
  envelope_malformed: 3,
  envelope_over_bounds: 4,
  envelope_empty: 5,
  deposit_malformed: 6,

  // Any operation.
  operation_kind_unknown: 10,
  operation_malformed: 11,
  operation_readings_over_bounds: 12,
  operation_signatures_over_bounds: 13,
  authorization_kind_wrong: 15,
  authorization_expired: 16,
  authorization_nonce_wrong: 17,
  authorization_signature_wrong: 18,
  reference_not_made: 19,
  reference_signed: 20,

  // Room.
  state_full: 25,
  growth_over_payload: 26,
  bond_too_low: 27,
  bond_nothing_released: 28,

  // Money.
  amount_zero: 30,
  recipient_not_payable: 31,
  balance_too_low: 32,

  // Devices.
  device_key_invalid: 50,
  device_key_used: 51,
  device_possession_unproven: 52,
  device_not_found: 53,
  device_sender_not_owner: 54,
  device_revoked: 55,

  // Streams and epochs.
  stream_name_invalid: 70,
  stream_name_taken: 71,
  stream_metrics_invalid: 72,
  stream_groups_invalid: 73,
  stream_not_found: 74,
  stream_not_sealed: 75,
  epoch_not_next: 76,
  epoch_key_hashes_wrong: 77,

  // Submissions.
  submission_epoch_not_current: 90,
  submission_sequence_used: 91,
  submission_count_out_of_bounds: 92,
  break_too_early: 93,
  submission_ephemeral_key_invalid: 94,
  submission_seal_broken: 95,
  submission_columns_malformed: 96,
  submission_time_out_of_bounds: 97,
  submission_value_out_of_bounds: 98,
  submission_signature_wrong: 99,
  submission_leaves_over_bounds: 100,

  // Grants and challenges.
  encryption_key_invalid: 110,
  grant_epoch_not_known: 111,
  grant_groups_invalid: 112,
  grant_buyer_without_key: 113,
  grant_expired_already: 114,
  grant_wrapped_keys_wrong: 115,
  grant_exists: 116,
  grant_not_found: 117,
  grant_revoked_already: 118,
  batch_not_found: 120,
  batch_not_sealed: 121,
  batch_disproved_already: 122,
  challenge_group_unknown: 123,
  challenge_key_wrong: 124,
  challenge_batch_honest: 125,

  // Channels.
  channel_not_found: 140,
  channel_signer_zero: 141,
  channel_message_used: 142,
  channel_message_signature_wrong: 143,
  channel_sender_not_actor: 144,
  channel_expiration_lower: 145,
  channel_not_expired: 146,
  claim_over_value: 150,
  claim_recipient_not_actor: 151,
  claim_over_planned: 152,
  claim_form_not_taken: 153,
  claim_signature_wrong: 154,
  claim_nothing_due: 155,
  claim_list_empty: 156,

  // Organizations and services.
  slug_invalid: 170,
  display_name_invalid: 171,
  endpoints_invalid: 172,
  organization_not_found: 173,
  organization_sender_not_owner: 174,
  payment_group_not_found: 175,
  service_not_found: 180,
  service_sender_not_provider: 181,
  service_withdrawn: 182,
  service_name_taken: 183,
  service_tags_invalid: 184,
  service_price_zero: 185,
  service_stream_not_own: 186,
  service_groups_invalid: 187,
  service_version_not_current: 188,

  // Escrows.
  escrow_not_found: 200,
  escrow_closed: 201,
  escrow_sender_not_buyer: 202,
  escrow_sender_not_provider: 203,
  escrow_sender_not_arbiter: 204,
  escrow_sender_not_party: 205,
  escrow_terms_invalid: 206,
  escrow_amount_under_price: 207,
  escrow_parties_equal: 208,
  escrow_predicate_invalid: 209,
  escrow_predicate_unfit: 210,
  escrow_mode_wrong: 211,
  escrow_status_wrong: 212,
  escrow_unit_wrong: 213,
  escrow_held_too_low: 214,
  escrow_nothing_due: 215,
  escrow_kind_wrong: 216,
  intent_provider_not_named: 220,
  intent_service_unfit: 221,
  intent_price_over_ceiling: 222,
  intent_version_not_of_opening: 223,
  delivery_batch_wrong: 230,
  delivery_batch_unneeded: 231,
  delivery_commitment_wrong: 232,
  delivery_grant_missing: 233,
  session_not_over: 240,
  session_counts_wrong: 241,
  receipt_signature_wrong: 250,
  receipt_not_needed: 251,
  receipt_unit_not_delivered: 252,
  escrow_judged_by_machine: 260,
  escrow_batch_not_disproved: 261,
  arbitration_over_price: 262,

  // Retention.
  batch_archived: 280,
  challenge_body_wrong: 281,
  retention_nothing_due: 282,
  escrow_retention_too_short: 283,
} as const satisfies Record<string, number>;

export type Refusal = keyof typeof REFUSALS;

/** A refusal with what the reader needs to mend it. Details never quote plaintext. */
export interface Refused extends Explanation {
  readonly refusal: Refusal;
}

/**
 * @param detail What was found and asked for (spec §8), with the values' names in braces.
 * @example
 * refuse("claim_over_value", "claims {actual}, the channel holds {value}", { actual, value });
 */
export function refuse<Detail extends string>(
  refusal: Refusal,
  detail: Detail,
  ...values: ValuesFor<Detail>
): Refused {
  return { refusal, ...explain(detail, ...values) };
}

/** Whether something is wrong, and the sentence that says so. */
export type Fault = readonly [isWrong: boolean, detail: string];

/** The first of several faults, in their order. */
export function refuseFirst(
  refusal: Refusal,
  faults: readonly Fault[],
  values: Readonly<Record<string, FaultValue>>,
): Refused | undefined {
  const found = faults.find(([isWrong]) => isWrong);
  return found && { refusal, ...fillIn(found[1], values) };
}

/** Details that tell times, which whoever shows them writes as dates. */
export const TIMED_DETAILS = {
  authorization_expired: "the deadline is {deadlineSec}, now is {nowSec}",
  grant_expired_already: "it ends at {expiresAtSec}, now is {nowSec}",
  grant_exists: "{buyer} has one until {expiresAtSec}",
  delivery_grant_missing: "the grant ends at {expiresAtSec}, not after {untilSec}",
  escrow_judged_by_machine: "a predicate judges unit {unit}; it is {status} until {deadlineSec}",
  escrow_nothing_due: "it is {status} until {deadlineSec}, now is {nowSec}",
  session_not_over: "it ends at {endsAtSec}, now is {nowSec}",
  retention_nothing_due: "nothing is due, now is {nowSec}",
} as const satisfies Partial<Record<Refusal, string>>;

export function isRefused(value: object): value is Refused {
  return "refusal" in value;
}
