import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowOptions,
  type EscrowResult,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
export async function fundEscrow(
  client: TallyrollClient,
  options: FundEscrowOptions,
): Promise<EscrowResult> {
  const { escrowId, amount } = options;
  const body = {
    kind: "fund_escrow",
    escrowId: toEscrowIdBytes(escrowId),
    amount,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
