import { computeWrappedKeysLength, listGroups } from "../../spec/grant-keys.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
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
  body: BodyOf<"register_encryption_key">,
  context: OperationContext,
): Outcome {
  const { store, actor, crypto } = context;
  if (crypto.x25519(PROBE_SECRET, body.key) === undefined) {
    return refuse("encryption_key_invalid", "{key} is of small order", body);
  }

  // COMMIT POINT
  const account = store.accounts.get(actor);
  store.accounts.put({ account: actor, nonce: account?.nonce ?? 0, encryptionKey: body.key });
  return [encodeNotice("EncryptionKeyRegistered", [actor, body.key])];
}

/** §4.3 Hands a buyer the wrapped epoch keys of some key groups, until a time. */
function applyGrant(body: BodyOf<"grant">, context: OperationContext): Outcome {
  const { store, at } = context;
  const { streamId, epoch, groups, buyer, expiresAtSec, wrappedKeys } = body;
  const stream = findOwnSealedStream(streamId, context);
  if (isRefused(stream)) return stream;
  if (epoch > stream.epoch) {
    const detail = "the current epoch is {currentEpoch}, not {epoch}";
    return refuse("grant_epoch_not_known", detail, { epoch, currentEpoch: stream.epoch });
  }
  const listed = listGroups(groups);
  if (groups === 0 || listed.at(-1)! >= stream.groupCount) {
    const detail = "names key groups {groups}, stream {streamId} has {groupCount}, from 0";
    return refuse("grant_groups_invalid", detail, { ...stream, groups: listed });
  }
  if (store.accounts.get(buyer)?.encryptionKey == null) {
    return refuse("grant_buyer_without_key", "{buyer} has none", body);
  }
  if (expiresAtSec <= at.timestampSec) {
    const values = { expiresAtSec, nowSec: at.timestampSec };
    return refuse("grant_expired_already", TIMED_DETAILS.grant_expired_already, values);
  }
  const neededCount = computeWrappedKeysLength(groups);
  if (wrappedKeys.length !== neededCount) {
    const values = { byteCount: wrappedKeys.length, neededCount };
    return refuse("grant_wrapped_keys_wrong", "{byteCount} bytes, not {neededCount}", values);
  }
  const earlier = store.grants.find({ streamId, epoch, buyer });
  if (earlier !== undefined && !earlier.isRevoked && at.timestampSec < earlier.expiresAtSec) {
    return refuse("grant_exists", TIMED_DETAILS.grant_exists, earlier);
  }

  // COMMIT POINT
  const grantId = earlier?.grantId ?? store.grants.nextId();
  store.grants.put({
    grantId,
    streamId,
    epoch,
    buyer,
    groups,
    expiresAtSec,
    wrappedKeys,
    isRevoked: false,
  });
  return [encodeNotice("Granted", [grantId, streamId, epoch, groups, buyer, expiresAtSec])];
}

/**
 * §4.4 Ends a grant. What the buyer could already read stays read: the owner rotates the epoch,
 * and the new keys are not wrapped to the buyer.
 */
function applyRevokeGrant(body: BodyOf<"revoke_grant">, context: OperationContext): Outcome {
  const { store } = context;
  const stream = findOwnSealedStream(body.streamId, context);
  if (isRefused(stream)) return stream;
  const { streamId, epoch, buyer } = body;
  const grant = store.grants.find({ streamId, epoch, buyer });
  if (grant === undefined) {
    return refuse("grant_not_found", "{buyer} has none of stream {streamId}, epoch {epoch}", body);
  }
  if (grant.isRevoked) {
    return refuse("grant_revoked_already", "that of {buyer}, epoch {epoch}", grant);
  }

  // COMMIT POINT
  store.grants.update({ ...grant, isRevoked: true });
  return [encodeNotice("GrantRevoked", [grant.grantId, body.streamId, body.epoch, body.buyer])];
}
