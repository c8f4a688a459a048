import { hexToBytes } from "viem";
import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import type { SignedReceipt } from "../escrow/receipt.ts";
import { applyEscrowOperation, type EscrowResult } from "./apply-escrow-operation.ts";
import type { ApplyOptions } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RedeemEscrowReceiptOptions extends ApplyOptions {
  readonly receipt: SignedReceipt;
  /** A batch of the session, where a pubsub service sells a stream. */
  readonly batchId?: number;
}

/**
 * Redeems what the buyer has signed: units are paid, or a session is judged by its thresholds.
 *
 * @throws OperationRefused: escrow_…, receipt_…, session_counts_wrong, delivery_….
 * @example
 * const { change } = await redeemEscrowReceipt(providerClient, { receipt });
 */
export async function redeemEscrowReceipt(
  client: TallyrollClient,
  { receipt, batchId = 0, ...options }: RedeemEscrowReceiptOptions,
): Promise<EscrowResult> {
  const { escrowId, unit, messageCount, validCount, signature } = receipt;
  const body = {
    kind: "redeem_receipt",
    escrowId: toEscrowIdBytes(escrowId),
    ...{ unit, messageCount, validCount, batchId, signature: hexToBytes(signature) },
  } as const;
  return await applyEscrowOperation(client, body, { escrowId, ...options });
}
