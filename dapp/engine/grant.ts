import type { Grant, RegisterEncryptionKey, RevokeGrant } from "../../spec/core-operations.ts";
import { computeWrappedKeysLength, listGroups } from "../../spec/grant-keys.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { isRefused, refuse } from "../../spec/refusals.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { findOwnSealedStream } from "./stream.ts";

export const GRANT_HANDLERS = {
  register_encryption_key: applyRegisterEncryptionKey,
  grant: applyGrant,
  revoke_grant: applyRevokeGrant,
} satisfies Partial<Handlers>;

/** Any secret will do: the shared value only tells whether the key has a usable order. */
const PROBE_SECRET = new Uint8Array(32).fill(0x42);

/** §4.3 Publishes the X25519 key to which owners wrap what the actor buys. Replaces an older one. */
function applyRegisterEncryptionKey(
  body: RegisterEncryptionKey,
  context: OperationContext,
): Outcome {
  const { store, actor, crypto } = context;
  if (crypto.x25519(PROBE_SECRET, body.key) === undefined) {
    return refuse("encryption_key_invalid", `${hex(body.key)} is of small order`);
  }

  // COMMIT POINT
  const account = store.getAccount(actor);
  store.putAccount({ account: actor, nonce: account?.nonce ?? 0, encryptionKey: body.key });
  return [encodeNotice("EncryptionKeyRegistered", [hex(actor), hex(body.key)])];
}

/** §4.3 Hands a buyer the wrapped epoch keys of some key groups, until a time. */
function applyGrant(body: Grant, context: OperationContext): Outcome {
  const { store, at } = context;
  const stream = findOwnSealedStream(store, body.streamId, context.actor);
  if (isRefused(stream)) return stream;
  if (body.epoch > stream.epoch) {
    return refuse(
      "grant_epoch_not_known",
      `the current epoch is ${stream.epoch}, not ${body.epoch}`,
    );
  }
  if (body.groups === 0 || listGroups(body.groups).at(-1)! >= stream.groupCount) {
    return refuse(
      "grant_groups_invalid",
      `names key groups ${nameGroups(body.groups)}, ` +
        `stream ${body.streamId} has ${stream.groupCount}, from 0`,
    );
  }
  if (store.getAccount(body.buyer)?.encryptionKey == null) {
    return refuse("grant_buyer_without_key", `${hex(body.buyer)} has none`);
  }
  if (body.expiresAtSec <= at.timestampSec) {
    return refuse(
      "grant_expired_already",
      `it ends at ${body.expiresAtSec}, now is ${at.timestampSec}`,
    );
  }
  const byteCount = computeWrappedKeysLength(body.groups);
  if (body.wrappedKeys.length !== byteCount) {
    return refuse("grant_wrapped_keys_wrong", `${body.wrappedKeys.length} bytes, not ${byteCount}`);
  }
  const earlier = store.getGrant(body.streamId, body.epoch, body.buyer);
  if (earlier !== undefined && !earlier.isRevoked && at.timestampSec < earlier.expiresAtSec) {
    return refuse("grant_exists", `${hex(body.buyer)} has one until ${earlier.expiresAtSec}`);
  }

  // COMMIT POINT
  const grantId = earlier?.grantId ?? store.getNextGrantId();
  const grant = {
    grantId,
    streamId: body.streamId,
    epoch: body.epoch,
    buyer: body.buyer,
    groups: body.groups,
    expiresAtSec: body.expiresAtSec,
    wrappedKeys: body.wrappedKeys,
    isRevoked: false,
  };
  if (earlier === undefined) store.insertGrant(grant);
  else store.updateGrant(grant);
  return [
    encodeNotice("Granted", [
      BigInt(grantId),
      BigInt(body.streamId),
      BigInt(body.epoch),
      BigInt(body.groups),
      hex(body.buyer),
      BigInt(body.expiresAtSec),
    ]),
  ];
}

/**
 * §4.4 Ends a grant. What the buyer could already read stays read: the owner rotates the epoch,
 * and the new keys are not wrapped to the buyer.
 */
function applyRevokeGrant(body: RevokeGrant, context: OperationContext): Outcome {
  const { store } = context;
  const stream = findOwnSealedStream(store, body.streamId, context.actor);
  if (isRefused(stream)) return stream;
  const grant = store.getGrant(body.streamId, body.epoch, body.buyer);
  if (grant === undefined) {
    const detail = `${hex(body.buyer)} has none of stream ${body.streamId}, epoch ${body.epoch}`;
    return refuse("grant_not_found", detail);
  }
  if (grant.isRevoked) {
    return refuse("grant_revoked_already", `that of ${hex(body.buyer)}, epoch ${body.epoch}`);
  }

  // COMMIT POINT
  store.updateGrant({ ...grant, isRevoked: true });
  return [
    encodeNotice("GrantRevoked", [
      BigInt(grant.grantId),
      BigInt(body.streamId),
      BigInt(body.epoch),
      hex(body.buyer),
    ]),
  ];
}

/** Key groups as a detail names them. */
export const nameGroups = (groups: number): string =>
  groups === 0 ? "none" : listGroups(groups).join(", ");
