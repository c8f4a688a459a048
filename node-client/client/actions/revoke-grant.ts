import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { defineAction, readOwn } from "./define-action.ts";

export interface RevokeGrantOptions {
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Hex;
}

/**
 * Ends a grant. What the buyer could read they can still read: rotate the epoch, and grant them nothing
 * of the next one.
 *
 * @throws OperationRefused: stream_…, device_sender_not_owner, grant_not_found,
 * grant_revoked_already.
 * @example
 * await revokeGrant(client, { streamId: 2, epoch: 0, buyer });
 */
export const revokeGrant = defineAction({
  body: ({ streamId, epoch, buyer }: RevokeGrantOptions) => ({
    kind: "revoke_grant",
    ...{ streamId, epoch, buyer: hexToBytes(buyer) },
  }),
  read: (told) => readOwn("revoke_grant", told),
});
