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
  submission_break_without_previous: 93,
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
} as const satisfies Record<string, number>;

export type Refusal = keyof typeof REFUSALS;

/** A refusal with what the reader needs to mend it. Details never quote plaintext. */
export interface Refused {
  readonly refusal: Refusal;
  readonly detail: string;
}

export function refuse(refusal: Refusal, detail = ""): Refused {
  return { refusal, detail };
}

export function isRefused(value: object): value is Refused {
  return "refusal" in value;
}
