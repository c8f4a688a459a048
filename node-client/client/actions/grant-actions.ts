import { hexToBytes } from "viem";
import { listGroups, wrapEpochKeys } from "../../../spec/grant-keys.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { systemRandom } from "../device/device-signer.ts";
import { getAccount } from "./account-queries.ts";
import { type Acting, type ApplyOptions, applyAndRead, readOwn } from "./define-action.ts";
import type { Told } from "./operation-outcomes.ts";
import { ownAction } from "./own-action.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RegisterEncryptionKeyOptions {
  /** X25519 public key, 32 bytes. Never lose its secret: it opens what is bought. */
  readonly key: Uint8Array;
}

/**
 * Says to which key owners wrap what they grant to this account. A later one replaces it, for later
 * grants.
 *
 * @throws OperationRefused: encryption_key_invalid.
 * @example
 * await registerEncryptionKey(client, { key: client.crypto.x25519PublicKey(secret) });
 */
export const registerEncryptionKey = ownAction(
  "register_encryption_key",
  ({ key }: RegisterEncryptionKeyOptions) => ({ key }),
);

export interface GrantOptions {
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Hex;
  /** The epoch's keys by key group. Only those given are granted. */
  readonly epochKeys: ReadonlyMap<number, Uint8Array>;
  /** Unix seconds. */
  readonly expiresAtSec: number;
}

/** A grant as its body needs it: what `grant` finds and draws itself is given. */
export interface GrantBodyOptions extends GrantOptions {
  /** The buyer's X25519 public key. */
  readonly buyerKey: Hex;
  /** 32 random bytes, never used again: the secret of the key that wraps. */
  readonly ephemeralSecret: Uint8Array;
}

/** Nothing can be wrapped to a buyer who has not registered an encryption key. */
export class BuyerWithoutKey extends ClientError {
  override readonly name = "BuyerWithoutKey";

  constructor(buyer: Hex) {
    super(`The buyer ${buyer} has no encryption key registered.`, {
      whatToDo: "Let the buyer call registerEncryptionKey first.",
    });
  }
}

function toBody(
  { streamId, epoch, epochKeys, expiresAtSec, ...given }: GrantBodyOptions,
  { crypto, at }: Pick<Acting, "crypto" | "at">,
): BodyOf<"grant"> {
  const keys: Uint8Array[] = [];
  for (const [group, key] of epochKeys) keys[group] = key;
  const groups = [...epochKeys.keys()].reduce((mask, group) => mask | (1 << group), 0);
  const place = { streamId, epoch, buyer: hexToBytes(given.buyer) };
  const context = { ...at, ...place, buyerKey: hexToBytes(given.buyerKey) };
  const wrappedKeys = wrapEpochKeys(crypto, context, groups, keys, given.ephemeralSecret);
  return { kind: "grant", ...place, groups, expiresAtSec, wrappedKeys };
}

function read(told: Told) {
  const { groups, expiresAt: expiresAtSec, ...granted } = readOwn("grant", told);
  return { ...granted, groups: listGroups(groups), expiresAtSec };
}

/**
 * Wraps epoch keys to a buyer's registered encryption key, so that they read those key groups of
 * that epoch.
 *
 * @throws BuyerWithoutKey; OperationRefused: stream_not_sealed, device_sender_not_owner, grant_….
 * @example
 * await grant(client, { streamId: 2, epoch: 0, buyer, epochKeys: new Map([[0, key]]), expiresAtSec });
 */
export const grant = Object.assign(
  async (client: TallyrollClient, options: GrantOptions & ApplyOptions) => {
    const { buyer } = options;
    const { encryptionKey: buyerKey } = await getAccount(client, { account: buyer });
    if (buyerKey === undefined) throw new BuyerWithoutKey(buyer);
    const given = { ...options, buyerKey, ephemeralSecret: systemRandom(32) };
    return await applyAndRead(client, toBody(given, client), read, options);
  },
  { body: toBody, read },
);

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
export const revokeGrant = ownAction(
  "revoke_grant",
  ({ streamId, epoch, buyer }: RevokeGrantOptions) => ({
    streamId,
    epoch,
    buyer: hexToBytes(buyer),
  }),
);
