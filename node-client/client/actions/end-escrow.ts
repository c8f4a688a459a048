import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowOptions,
  type EscrowResult,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type EndEscrowOptions = EscrowOptions;

/**
 * Ends an escrow before its last unit. The provider refunds what is outstanding; the buyer of an
 * active one leaves the provider his answer time to redeem receipts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await endEscrow(buyerClient, { escrowId });
 */
export async function endEscrow(
  client: TallyrollClient,
  options: EndEscrowOptions,
): Promise<EscrowResult> {
  const { escrowId } = options;
  const body = {
    kind: "end_escrow",
    escrowId: toEscrowIdBytes(escrowId),
  } as const;
  return await applyEscrowOperation(client, body, options);
}
