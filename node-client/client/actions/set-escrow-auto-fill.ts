import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowOptions, readEscrowResult } from "./escrow-result.ts";

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
export const setEscrowAutoFill = defineAction({
  body: ({ escrowId, limit }: SetEscrowAutoFillOptions) => ({
    kind: "set_auto_fill",
    ...{ escrowId: toEscrowIdBytes(escrowId), limit },
  }),
  read: readEscrowResult,
});
