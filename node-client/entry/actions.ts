/**
 * `tallyroll/actions`: every action, one function with the client first, and what belongs to it: its
 * options, result and own errors.
 */

export { referTo, referToEscrow } from "../../spec/references.ts";
export * from "../client/actions/account-queries.ts";
export * from "../client/actions/add-input.ts";
export * from "../client/actions/ask-query.ts";
export * from "../client/actions/balance-actions.ts";
export * from "../client/actions/batch-actions.ts";
export * from "../client/actions/chain-status.ts";
export * from "../client/actions/channel-actions.ts";
export * from "../client/actions/channel-claim-actions.ts";
export * from "../client/actions/channel-queries.ts";
export * from "../client/actions/define-action.ts";
export * from "../client/actions/deposit-actions.ts";
export * from "../client/actions/device-actions.ts";
export * from "../client/actions/escrow-actions.ts";
export * from "../client/actions/escrow-opening-actions.ts";
export * from "../client/actions/escrow-queries.ts";
export * from "../client/actions/ether.ts";
export * from "../client/actions/execute-output.ts";
export { findSuccess } from "../client/actions/find-success.ts";
export * from "../client/actions/grant-actions.ts";
export * from "../client/actions/node-epochs.ts";
export * from "../client/actions/node-inputs.ts";
export * from "../client/actions/node-methods.ts";
export * from "../client/actions/node-outputs.ts";
export * from "../client/actions/operation-outcomes.ts";
export * from "../client/actions/output-on-chain.ts";
export * from "../client/actions/query-refused.ts";
export * from "../client/actions/read-archived-batch.ts";
export * from "../client/actions/read-sealed-stream.ts";
export * from "../client/actions/send-operations.ts";
export * from "../client/actions/service-actions.ts";
export * from "../client/actions/service-queries.ts";
export * from "../client/actions/stream-queries.ts";
export * from "../client/actions/wait-for-input.ts";
export * from "../client/decoding/decode-notice.ts";
export * from "../client/decoding/decode-refusal.ts";
export * from "../client/decoding/refusal-advice.ts";
export * from "../client/signing/sign-operation.ts";
export * from "../client/signing/verify-relayable.ts";
