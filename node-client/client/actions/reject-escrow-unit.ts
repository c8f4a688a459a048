import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

export interface RejectEscrowUnitOptions extends EscrowUnitOptions {
  /** A disproved batch of this unit: then nobody is asked. */
  readonly batchId?: number;
}

/**
 * Rejects a delivered unit: it goes to the arbiter, or is refunded and the escrow ends.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await rejectEscrowUnit(buyerClient, { escrowId, unit: 2 });
 */
export const rejectEscrowUnit = defineAction({
  body: ({ escrowId, unit, batchId = 0 }: RejectEscrowUnitOptions) => ({
    kind: "reject_unit",
    ...{ escrowId: toEscrowIdBytes(escrowId), unit, batchId },
  }),
  read: readEscrowResult,
});
