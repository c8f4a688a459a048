import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import type { InputContext } from "./input.ts";
import { encodeWord, equalBytes, writeUint } from "./words.ts";

const GRANT_DOMAIN = utf8ToBytes("tallyroll/grant/2");
const EPOCH_KEY_DOMAIN = utf8ToBytes("tallyroll/epoch-key/2");
const EMPTY = new Uint8Array(0);
const WRAPPED_KEY_BYTES = 48;

/** What a wrapped key is bound to: it opens nowhere else and for nobody else (spec §4.3). */
export interface GrantContext extends Pick<InputContext, "chainId" | "app"> {
  readonly streamId: number;
  readonly epoch: number;
  /** The buyer's account, 20 bytes. */
  readonly buyer: Uint8Array;
  /** The buyer's registered X25519 key. */
  readonly buyerKey: Uint8Array;
}

/** Bytes of a grant's wrapped keys for a group mask. */
export function computeWrappedKeysLength(groups: number): number {
  return 32 + WRAPPED_KEY_BYTES * listGroups(groups).length;
}

/** The key groups of a bit mask, ascending. */
export function listGroups(groups: number): number[] {
  const list: number[] = [];
  for (let group = 0; groups >> group > 0; group++) if ((groups >> group) & 1) list.push(group);
  return list;
}

/** What an epoch publishes of each group's key, so that a buyer knows that they got the right one. */
export function computeEpochKeyHash(crypto: Crypto, epochKey: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(EPOCH_KEY_DOMAIN, epochKey));
}

/**
 * Wraps the epoch keys of `groups` to a buyer: ephemeral key ‖ one sealed key a group.
 *
 * @param epochKeys All of the epoch's keys, by group.
 * @param ephemeralSecret 32 fresh random bytes, for this grant only.
 */
export function wrapEpochKeys(
  crypto: Crypto,
  context: GrantContext,
  groups: number,
  epochKeys: readonly Uint8Array[],
  ephemeralSecret: Uint8Array,
): Uint8Array {
  const ephemeral = crypto.x25519PublicKey(ephemeralSecret);
  const shared = crypto.x25519(ephemeralSecret, context.buyerKey);
  if (shared === undefined) throw new RangeError("the buyer's key is not an X25519 key");
  const wrapped = listGroups(groups).map((group) => {
    const epochKey = epochKeys[group];
    if (epochKey === undefined) throw new RangeError(`no epoch key of group ${group}`);
    const info = encodeGrantInfo(context, group, ephemeral);
    const key = crypto.hkdfSha256(shared, EMPTY, info, 32);
    return crypto.sealXChaCha20Poly1305(key, epochKey, info);
  });
  return concatBytes(ephemeral, ...wrapped);
}

/**
 * The buyer's side: epoch keys by group; `undefined` for one that does not open or whose hash is
 * not the published one.
 */
export function unwrapEpochKeys(
  crypto: Crypto,
  context: GrantContext,
  groups: number,
  wrappedKeys: Uint8Array,
  buyerSecret: Uint8Array,
  keyHashes: readonly Uint8Array[],
): Map<number, Uint8Array | undefined> {
  const ephemeral = wrappedKeys.subarray(0, 32);
  const shared = crypto.x25519(buyerSecret, ephemeral);
  const keys = new Map<number, Uint8Array | undefined>();
  listGroups(groups).forEach((group, position) => {
    const start = 32 + WRAPPED_KEY_BYTES * position;
    const sealed = wrappedKeys.subarray(start, start + WRAPPED_KEY_BYTES);
    const info = encodeGrantInfo(context, group, ephemeral);
    const opened =
      shared &&
      crypto.openXChaCha20Poly1305(crypto.hkdfSha256(shared, EMPTY, info, 32), sealed, info);
    const expected = keyHashes[group];
    const isRight =
      opened !== undefined &&
      expected !== undefined &&
      equalBytes(computeEpochKeyHash(crypto, opened), expected);
    keys.set(group, isRight ? opened : undefined);
  });
  return keys;
}

function encodeGrantInfo(context: GrantContext, group: number, ephemeral: Uint8Array): Uint8Array {
  const place = new Uint8Array(8 + 4 + 1);
  writeUint(place, 0, 8, context.streamId);
  writeUint(place, 8, 4, context.epoch);
  writeUint(place, 12, 1, group);
  const { chainId, app, buyer, buyerKey } = context;
  return concatBytes(GRANT_DOMAIN, encodeWord(chainId), app, place, buyer, buyerKey, ephemeral);
}
