import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import {
  applyEscrowOperation,
  type EscrowResult,
  type EscrowUnitOptions,
} from "./apply-escrow-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface AnchorEscrowSessionOptions extends EscrowUnitOptions {
  /** RFC 9162 root over the messages: 32 bytes. */
  readonly root: Uint8Array;
  readonly messageCount: number;
  readonly validCount: number;
  /** A batch of the session, where the service sells a stream. */
  readonly batchId?: number;
}

/**
 * Says what a session that is over had, while its buyer signed no receipt. See
 * `computeSessionAnchor`.
 *
 * @throws OperationRefused: escrow_…, session_not_over, session_counts_wrong,
 * delivery_….
 * @example
 * const anchor = computeSessionAnchor(client.crypto, messages);
 * await anchorEscrowSession(providerClient, { escrowId, unit: 1, ...anchor });
 */
export async function anchorEscrowSession(
  client: TallyrollClient,
  options: AnchorEscrowSessionOptions,
): Promise<EscrowResult> {
  const { escrowId, unit, batchId = 0, root, messageCount, validCount } = options;
  const body = {
    kind: "anchor_session",
    escrowId: toEscrowIdBytes(escrowId),
    unit,
    batchId,
    root,
    messageCount,
    validCount,
  } as const;
  return await applyEscrowOperation(client, body, options);
}
