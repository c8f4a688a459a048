import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base58 } from "@scure/base";
import type { Crypto } from "./crypto.ts";
import { encodeWord } from "./words.ts";

export type DeviceKeyType = "ed25519" | "p256" | "secp256k1";

/** Multicodec prefixes as they stand in front of the raw key inside a `did:key` (W3C CCG). */
const PREFIXES: readonly (readonly [DeviceKeyType, number, number, number])[] = [
  ["ed25519", 0xed, 0x01, 32],
  ["p256", 0x80, 0x24, 33],
  ["secp256k1", 0xe7, 0x01, 33],
];

const POSSESSION_DOMAIN = utf8ToBytes("tallyroll/device-possession/2");
const DID_PREFIX = "did:key:z";

/** A device's public key: its type and raw bytes (Ed25519: 32; the others: compressed, 33). */
export interface DeviceKey {
  readonly type: DeviceKeyType;
  readonly raw: Uint8Array;
}

/** Splits a multicodec key; `undefined` for an unknown type or a wrong length. */
export function splitDeviceKey(key: Uint8Array): DeviceKey | undefined {
  for (const [type, first, second, length] of PREFIXES) {
    if (key[0] === first && key[1] === second) {
      return key.length === 2 + length ? { type, raw: key.subarray(2) } : undefined;
    }
  }
  return undefined;
}

/** The multicodec form of a raw public key, the inverse of `splitDeviceKey`. */
export function joinDeviceKey(key: DeviceKey): Uint8Array {
  const prefix = PREFIXES.find(([type]) => type === key.type)!;
  return concatBytes(Uint8Array.of(prefix[1], prefix[2]), key.raw);
}

/** True iff the key is one that may be registered: on its curve, in the one canonical form. */
export function isDeviceKey(crypto: Crypto, key: DeviceKey): boolean {
  if (key.type === "ed25519") return crypto.isEd25519PublicKey(key.raw);
  if (key.type === "p256") return crypto.isP256PublicKey(key.raw);
  return crypto.isSecp256k1PublicKey(key.raw);
}

/** Verifies a device's signature by the rule of its key type (spec §7.2). */
export function verifyDeviceSignature(
  crypto: Crypto,
  key: DeviceKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type === "ed25519") return crypto.verifyEd25519(key.raw, message, signature);
  if (key.type === "p256") return crypto.verifyP256(key.raw, message, signature);
  return crypto.verifySecp256k1(key.raw, message, signature);
}

/**
 * The DID of a multicodec key: `did:key:z` and base58btc.
 *
 * @example
 * encodeDid(joinDeviceKey({ type: "secp256k1", raw })) // "did:key:zQ3sh…"
 */
export function encodeDid(key: Uint8Array): string {
  return DID_PREFIX + base58.encode(key);
}

/** The multicodec key of a DID; `undefined` unless it is the one DID of a well-formed key. */
export function decodeDid(did: string): Uint8Array | undefined {
  // 35 bytes make at most 48 digits: the bound keeps the quadratic decoder cheap.
  const digits = did.startsWith(DID_PREFIX) ? did.slice(DID_PREFIX.length) : "";
  if (!/^[1-9A-HJ-NP-Za-km-z]{1,48}$/.test(digits)) return undefined;
  const key = base58.decode(digits);
  return splitDeviceKey(key) !== undefined && encodeDid(key) === did ? key : undefined;
}

/** What a device signs to prove that it agrees to this owner on this application (spec §3.1). */
export function encodePossessionMessage(
  at: { readonly chainId: bigint; readonly app: Uint8Array },
  owner: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  return concatBytes(POSSESSION_DOMAIN, encodeWord(at.chainId), at.app, owner, key);
}
