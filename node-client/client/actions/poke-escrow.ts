import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowOptions, readEscrowResult } from "./escrow-result.ts";

/**
 * Has applied what time has decided. Anybody may.
 *
 * @throws OperationRefused: escrow_not_found, escrow_nothing_due.
 * @example
 * const { change } = await pokeEscrow(client, { escrowId });
 */
export const pokeEscrow = defineAction({
  body: ({ escrowId }: EscrowOptions) => ({
    kind: "poke_escrow",
    escrowId: toEscrowIdBytes(escrowId),
  }),
  read: readEscrowResult,
});
