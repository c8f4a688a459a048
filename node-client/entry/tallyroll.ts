/**
 * `tallyroll`: the client, the errors that many actions throw, the contracts' addresses, and what
 * buyers, payers, recipients and escrow parties hold off chain. Runs wherever `fetch` is.
 */

export { domainOf } from "../../spec/typed-data.ts";
export * from "../chain/chain-read-error.ts";
export {
  ApplicationAbsent,
  type ApplicationFacts,
  ContractsAbsent,
  ContractsOfAnotherLine,
} from "../chain/check-contracts.ts";
export * from "../chain/contract-errors.ts";
export { CONTRACTS, CONTRACTS_LINE } from "../chain/contracts.ts";
export { TransactionReverted } from "../chain/find-receipt.ts";
export { WaitTimeout } from "../chain/poll.ts";
export { SentNotConfirmed } from "../chain/sent-not-confirmed.ts";
export * from "../client/actions/inspect-application.ts";
export * from "../client/actions/node-errors.ts";
export * from "../client/actions/query-refused.ts";
export * from "../client/actions/tallyroll-client.ts";
export * from "../client/buyer/read-sealed.ts";
export * from "../client/channel/channel-payer.ts";
export * from "../client/channel/check-payment.ts";
export * from "../client/channel/collect-payments.ts";
export * from "../client/channel/count-outstanding.ts";
export * from "../client/channel/find-channel.ts";
export * from "../client/channel/payment-book.ts";
export * from "../client/channel/payment-pool.ts";
export * from "../client/escrow/escrow-change.ts";
export * from "../client/escrow/escrow-id-text.ts";
export * from "../client/escrow/escrow-terms.ts";
export * from "../client/escrow/format-predicate.ts";
export * from "../client/escrow/judged-readings.ts";
export * from "../client/escrow/predicate-text.ts";
export * from "../client/escrow/receipt.ts";
export * from "../client/escrow/session-anchor.ts";
export * from "../client/escrow/terms-text.ts";
export * from "../client/payment/signed-opening.ts";
export * from "../client/payment/signed-payment.ts";
export * from "../client/statement/account-statement.ts";
export * from "../client/statement/notice-ledger.ts";
export * from "../errors.ts";
