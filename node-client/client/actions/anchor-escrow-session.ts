import { toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { defineAction } from "./define-action.ts";
import { type EscrowUnitOptions, readEscrowResult } from "./escrow-result.ts";

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
export const anchorEscrowSession = defineAction({
  body: ({ escrowId, unit, batchId = 0, ...counts }: AnchorEscrowSessionOptions) => {
    const { root, messageCount, validCount } = counts;
    return {
      kind: "anchor_session",
      ...{ escrowId: toEscrowIdBytes(escrowId), unit, batchId, root, messageCount, validCount },
    };
  },
  read: readEscrowResult,
});
