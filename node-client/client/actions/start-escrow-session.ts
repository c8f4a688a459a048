import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

/**
 * Starts a session of a pubsub escrow.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await startEscrowSession(providerClient, { escrowId, unit: 1 });
 */
export const startEscrowSession = defineAction({
  body: ({ escrowId, unit }: EscrowUnitOptions) => ({
    kind: "start_session",
    ...{ escrowId: toEscrowIdBytes(escrowId), unit },
  }),
  read: readEscrowResult,
});
