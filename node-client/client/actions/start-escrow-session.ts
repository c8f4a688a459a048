import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type StartEscrowSessionOptions = EscrowUnitOptions;

/**
 * Starts a session of a pubsub escrow.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await startEscrowSession(providerClient, { escrowId, unit: 1 });
 */
export async function startEscrowSession(
  client: TallyrollClient,
  options: StartEscrowSessionOptions,
): Promise<EscrowResult> {
  const { escrowId, unit } = options;
  const body = {
    kind: "start_session",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
