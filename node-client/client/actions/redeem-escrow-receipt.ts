import { hexToBytes } from "viem";
import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import type { SignedReceipt } from "../escrow/receipt.ts";
import { defineAction } from "./define-action.ts";
import { readEscrowResult } from "./escrow-result.ts";

export interface RedeemEscrowReceiptOptions {
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
export const redeemEscrowReceipt = defineAction({
  body: ({ receipt, batchId = 0 }: RedeemEscrowReceiptOptions) => {
    const { escrowId, unit, messageCount, validCount, signature } = receipt;
    return {
      kind: "redeem_receipt",
      ...{ escrowId: toEscrowIdBytes(escrowId), unit, messageCount, validCount, batchId },
      signature: hexToBytes(signature),
    };
  },
  read: readEscrowResult,
});
