/**
 * Every bound of the protocol (spec §2.4). Each list, loop and payload has its bound here; a bound
 * is a rule of the transition, so changing one makes a new application.
 */

/** InputBox's own limit: 65,536 bytes of EvmAdvance less its head. */
export const PAYLOAD_BYTES_MAX = 65_216;
export const OPERATIONS_MAX = 256;
export const CODEC_DEPTH_MAX = 6;
/** Values in one input, containers included: bounds what unpacking can allocate. */
export const CODEC_ITEMS_MAX = 16_384;
export const READINGS_PER_INPUT_MAX = 4_096;
/** Signatures one input may have verified: accounts', devices' and proofs of possession together. */
export const SIGNATURES_MAX = 256;

/** SQLite's pages. */
export const PAGE_BYTES = 4_096;
/**
 * The state's weight (spec §14.1): its pages take at most two and a half times as much
 * memory, which fits a machine of 2 GiB together with everything else that runs there.
 */
export const STATE_BYTES_MAX = 2 ** 29;
/** Bytes of weight that each byte of an input's payload may add. */
export const GROWTH_PER_PAYLOAD_BYTE = 4;
/** With less than this part of the bound left, an input is short of room. */
export const SHORT_PART = 64;
/** Bonded bytes cost twice as much after each sixteenth of the bound. */
export const BOND_STEPS = 16;
/** Wei locked for each byte in the first sixteenth above half of the bound. */
export const BOND_WEI_PER_BYTE = 10n ** 10n;
/** The longest time that bodies stay, if not for ever: 136 years. */
export const RETENTION_SEC_MAX = 2 ** 32 - 1;
/** Batches that an input archives or folds at its head, and as many by its pokes: twice its own. */
export const RETENTION_STEPS_MAX = 512;
/** An input archives no more after the body that carries it over this many bytes, nor do its pokes. */
export const RETENTION_BODY_BYTES_MAX = 262_144;
/** A stream is visited at most so many times a retention: what is due goes in groups. */
export const RETENTION_VISITS = 16;

export const METRICS_MAX = 32;
export const KEY_GROUPS_MAX = 16;
export const SCALE_MAX = 12;
/** Differences of differences of such values stay exact in a double. */
export const METRIC_VALUE_MAX = 2 ** 49;
export const NAME_BYTES_MAX = 64;
export const UNIT_BYTES_MAX = 32;
export const TEXT_BYTES_MAX = 200;
export const DICTIONARY_MAX = 4_096;
/** Bytes of one key group's leaves: a text costs bits in a batch, but 201 bytes in every leaf. */
export const LEAF_BYTES_MAX = 1_048_576;
/** Year 36,812: keeps every time exact and every interval sum small. */
export const TIME_SEC_MAX = 2 ** 40 - 1;
export const SEQUENCE_MAX = 2 ** 48 - 1;
export const EPOCH_MAX = 2 ** 32 - 1;
/** Identifiers, nonces and counters: exact in a double and in SQLite's INTEGER. */
export const COUNTER_MAX = 2 ** 53 - 1;

/** Claims of one operation; each costs a verification of the input's SIGNATURES_MAX as well. */
export const CLAIMS_MAX = 256;
export const LANE_MAX = 2 ** 32 - 1;
/** The lanes that a channel can have room for. */
export const LANES_RESERVED_MAX = 256;

/** Organizations, services, tags: parts of topics and addresses, so their letters are few. */
export const SLUG_BYTES_MAX = 64;
export const TAGS_MAX = 16;
export const ENDPOINTS_MAX = 8;
export const ENDPOINT_BYTES_MAX = 256;
export const INTENT_PROVIDERS_MAX = 16;
/** Pulls or sessions of one escrow. */
export const UNITS_MAX = 2 ** 32 - 1;
/** The longest time limit of an escrow, and the longest session: a year of 365 days. */
export const TERM_SEC_MAX = 31_536_000;
export const MESSAGES_MAX = 2 ** 32 - 1;
export const BASIS_POINTS = 10_000;
export const PREDICATE_BYTES_MAX = 1_024;
export const PREDICATE_NODES_MAX = 32;
export const PREDICATE_DEPTH_MAX = 4;
/** A session is judged on its first batches, as many as stay within both. */
export const JUDGED_BATCHES_MAX = 64;
export const JUDGED_READINGS_MAX = 2_048;

export const AMOUNT_MAX = 2n ** 256n - 1n;

/** An input of the chain in hexadecimal, as `archived_batch` takes it, and 16 KiB besides. */
export const INSPECT_BYTES_MAX = 147_456;
export const PAGE_ITEMS_MAX = 256;
/** A page of batches ends with the batch that carries it over this many body bytes. */
export const PAGE_BODY_BYTES_MAX = 262_144;
/** A page of readings ends with the reading that carries it over this many bytes of JSON. */
export const PAGE_JSON_BYTES_MAX = 1_048_576;
/** What a report holds (libcmt's output buffer). A larger answer would stop the machine. */
export const ANSWER_BYTES_MAX = 2_097_152;
export const STATISTICS_BUCKETS_MAX = 4_096;
/** Of an inclusion proof: identifiers have 53 bits. */
export const PATH_HASHES_MAX = 53;
/** Batches one statistics or readings query decodes before it hands back a cursor. */
export const QUERY_BATCHES_MAX = 512;
/** Channels or lanes one query looks at before it hands back a cursor. */
export const QUERY_CHANNELS_MAX = 4_096;
/** Escrows one query looks at before it hands back a cursor. */
export const QUERY_ESCROWS_MAX = 2_048;
