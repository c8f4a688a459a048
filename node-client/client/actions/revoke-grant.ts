import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RevokeGrantOptions extends ApplyOptions {
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Hex;
}

export interface RevokeGrantResult extends AppliedAt {
  readonly grantId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Hex;
}

/**
 * Ends a grant. What the buyer could read he can still read: rotate the epoch, and grant him nothing
 * of the next one.
 *
 * @throws OperationRefused: stream_…, device_sender_not_owner, grant_not_found,
 * grant_revoked_already.
 * @example
 * await revokeGrant(client, { streamId: 2, epoch: 0, buyer });
 */
export async function revokeGrant(
  client: TallyrollClient,
  { streamId, epoch, buyer, ...options }: RevokeGrantOptions,
): Promise<RevokeGrantResult> {
  const body = { kind: "revoke_grant", streamId, epoch, buyer: hexToBytes(buyer) } as const;
  const { at, fields } = await applyOperation(client, body, "GrantRevoked", options);
  return {
    ...at,
    grantId: Number(fields.grantId),
    streamId: Number(fields.streamId),
    epoch: Number(fields.epoch),
    buyer: fields.buyer,
  };
}
