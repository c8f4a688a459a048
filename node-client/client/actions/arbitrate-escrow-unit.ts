import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
export async function arbitrateEscrowUnit(
  client: TallyrollClient,
  options: ArbitrateEscrowUnitOptions,
): Promise<EscrowResult> {
  const { escrowId, unit, amount } = options;
  const body = {
    kind: "arbitrate",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
    amount,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
