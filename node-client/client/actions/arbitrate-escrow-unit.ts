import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

export interface ArbitrateEscrowUnitOptions extends EscrowUnitOptions {
  /** Base units of the price that the provider gets; the buyer gets the rest. */
  readonly amount: bigint;
}

/**
 * The arbiter splits a disputed unit; the escrow ends.
 *
 * @throws OperationRefused: escrow_…, arbitration_over_price.
 * @example
 * await arbitrateEscrowUnit(arbiterClient, { escrowId, unit: 2, amount: 400n });
 */
export const arbitrateEscrowUnit = defineAction({
  body: ({ escrowId, unit, amount }: ArbitrateEscrowUnitOptions) => ({
    kind: "arbitrate",
    ...{ escrowId: toEscrowIdBytes(escrowId), unit, amount },
  }),
  read: readEscrowResult,
});
