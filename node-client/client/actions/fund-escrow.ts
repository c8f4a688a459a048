import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowOptions, readEscrowResult } from "./escrow-result.ts";

export interface FundEscrowOptions extends EscrowOptions {
  /** Base units of the escrow's token. */
  readonly amount: bigint;
}

/**
 * Puts more money into an escrow. Anybody may; it is the buyer's if it is not used.
 *
 * @throws OperationRefused: escrow_…, amount_zero, balance_too_low.
 * @example
 * await fundEscrow(client, { escrowId, amount: 1_000n });
 */
export const fundEscrow = defineAction({
  body: ({ escrowId, amount }: FundEscrowOptions) => ({
    kind: "fund_escrow",
    ...{ escrowId: toEscrowIdBytes(escrowId), amount },
  }),
  read: readEscrowResult,
});
