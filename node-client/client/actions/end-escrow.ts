import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowOptions, readEscrowResult } from "./escrow-result.ts";

/**
 * Ends an escrow before its last unit. The provider refunds what is outstanding; the buyer of an
 * active one leaves the provider the answer time to redeem receipts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await endEscrow(buyerClient, { escrowId });
 */
export const endEscrow = defineAction({
  body: ({ escrowId }: EscrowOptions) => ({
    kind: "end_escrow",
    escrowId: toEscrowIdBytes(escrowId),
  }),
  read: readEscrowResult,
});
