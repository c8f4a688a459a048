import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

/**
 * Accepts a delivered unit: it is paid. Of a session, the thresholds judge the anchored counts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await acceptEscrowUnit(buyerClient, { escrowId, unit: 1 });
 */
export const acceptEscrowUnit = defineAction({
  body: ({ escrowId, unit }: EscrowUnitOptions) => ({
    kind: "accept_unit",
    ...{ escrowId: toEscrowIdBytes(escrowId), unit },
  }),
  read: readEscrowResult,
});
