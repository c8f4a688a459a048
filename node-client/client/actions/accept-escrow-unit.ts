import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type AcceptEscrowUnitOptions = EscrowUnitOptions;

/**
 * Accepts a delivered unit: it is paid. Of a session, the thresholds judge the anchored counts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await acceptEscrowUnit(buyerClient, { escrowId, unit: 1 });
 */
export async function acceptEscrowUnit(
  client: TallyrollClient,
  options: AcceptEscrowUnitOptions,
): Promise<EscrowResult> {
  const { escrowId, unit } = options;
  const body = {
    kind: "accept_unit",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
