import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowOptions,
  type EscrowResult,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface SetEscrowAutoFillOptions extends EscrowOptions {
  /** Base units; 0 ends it. */
  readonly limit: bigint;
}

/**
 * Sets how much may yet be drawn from the buyer's balance when the escrow runs low.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await setEscrowAutoFill(buyerClient, { escrowId, limit: 10_000n });
 */
export async function setEscrowAutoFill(
  client: TallyrollClient,
  options: SetEscrowAutoFillOptions,
): Promise<EscrowResult> {
  const { escrowId, limit } = options;
  const body = {
    kind: "set_auto_fill",
    escrowId: toEscrowIdBytes(escrowId),
    limit,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
