import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowOptions,
  type EscrowResult,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type PokeEscrowOptions = EscrowOptions;

/**
 * Has applied what time has decided. Anybody may.
 *
 * @throws OperationRefused: escrow_not_found, escrow_nothing_due.
 * @example
 * const { change } = await pokeEscrow(client, { escrowId });
 */
export async function pokeEscrow(
  client: TallyrollClient,
  options: PokeEscrowOptions,
): Promise<EscrowResult> {
  const { escrowId } = options;
  const body = {
    kind: "poke_escrow",
    escrowId: toEscrowIdBytes(escrowId),
  } as const;
  return await applyEscrowOperation(client, body, options);
}
