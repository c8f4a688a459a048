import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
export async function rejectEscrowUnit(
  client: TallyrollClient,
  options: RejectEscrowUnitOptions,
): Promise<EscrowResult> {
  const { escrowId, unit, batchId = 0 } = options;
  const body = {
    kind: "reject_unit",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
    batchId,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
