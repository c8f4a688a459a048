/**
 * `tallyroll/spec`: the protocol, pure: codec, operations, tables, limits, refusals, typed data,
 * cryptography, proofs, receipts, payments, and the model of the transition.
 */
export * from "../../spec/application.ts";
export * from "../../spec/batch.ts";
export * from "../../spec/batch-body.ts";
export * from "../../spec/batch-range.ts";
export * from "../../spec/bits.ts";
export * from "../../spec/channel-operations.ts";
export * from "../../spec/channel-payment.ts";
export * from "../../spec/codec.ts";
export * from "../../spec/columns.ts";
export * from "../../spec/core-operations.ts";
export * from "../../spec/core-queries.ts";
export * from "../../spec/crypto.ts";
export * from "../../spec/crypto-aead.ts";
export * from "../../spec/crypto-checks.ts";
export * from "../../spec/crypto-ed25519.ts";
export * from "../../spec/crypto-noble.ts";
export * from "../../spec/decimal.ts";
export * from "../../spec/declare-operation.ts";
export * from "../../spec/declare-query.ts";
export * from "../../spec/deposits.ts";
export * from "../../spec/device-key.ts";
export * from "../../spec/envelope.ts";
export * from "../../spec/escrow-id.ts";
export * from "../../spec/escrow-operations.ts";
export * from "../../spec/escrow-receipt.ts";
export * from "../../spec/evm-advance.ts";
export * from "../../spec/explain.ts";
export * from "../../spec/field-layout.ts";
export * from "../../spec/genesis.ts";
export * from "../../spec/grant-keys.ts";
export * from "../../spec/growth.ts";
export * from "../../spec/input.ts";
export * from "../../spec/leaves.ts";
export * from "../../spec/limits.ts";
export * from "../../spec/merkle.ts";
export * from "../../spec/model.ts";
export * from "../../spec/notices.ts";
export * from "../../spec/operation-codec.ts";
export * from "../../spec/operations.ts";
export * from "../../spec/outcomes.ts";
export * from "../../spec/outputs.ts";
export * from "../../spec/portals.ts";
export * from "../../spec/predicate.ts";
export * from "../../spec/queries.ts";
// Kinds of members and of fields have the same names.
export * as queryAnswers from "../../spec/query-answers.ts";
export * from "../../spec/query-errors.ts";
export * as queryFields from "../../spec/query-fields.ts";
export * from "../../spec/reading-proof.ts";
export * from "../../spec/readings.ts";
export * from "../../spec/references.ts";
export * from "../../spec/refusals.ts";
export * from "../../spec/seal-batch.ts";
export * from "../../spec/sealed-columns.ts";
export * from "../../spec/series.ts";
export * from "../../spec/series-plan.ts";
export * from "../../spec/service-operations.ts";
export * from "../../spec/settlement-queries.ts";
export * from "../../spec/settlement-tables.ts";
export * from "../../spec/slug.ts";
// `computeRoot` is a Merkle tree's.
export {
  accumulateRow,
  computeRoot as computeStateRoot,
  computeRowLanes,
  computeSchemaHash,
  encodeRow,
  LANE_COUNT,
  ROW_HASH_BYTES,
} from "../../spec/state-root.ts";
export * from "../../spec/submission.ts";
export * from "../../spec/table-columns.ts";
export * from "../../spec/tables.ts";
export * from "../../spec/texts.ts";
export * from "../../spec/typed-data.ts";
export * from "../../spec/typed-hash.ts";
export * from "../../spec/typed-struct-hash.ts";
export * from "../../spec/vouchers.ts";
export * from "../../spec/weights.ts";
export * from "../../spec/wire-fields.ts";
export * from "../../spec/words.ts";
