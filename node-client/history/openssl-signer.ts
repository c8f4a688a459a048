import { createPrivateKey, sign } from "node:crypto";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { DeviceSigner } from "../client/device/device-signer.ts";

/** What stands before the secret in a PKCS #8 key (RFC 5958) of either curve. */
const ED25519_PREFIX = hexToBytes("302e020100300506032b657004220420");
const P256_PREFIX = hexToBytes(
  "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
);

/**
 * The same signer with OpenSSL's signatures, for Node: they take a tenth of the time, which counts
 * where many batches are signed. An Ed25519 signature has the same bytes; for P-256 OpenSSL draws a
 * nonce; secp256k1 stays as it is, because OpenSSL does not keep to low s.
 *
 * @example
 * const device = signWithOpenSsl(createDeviceSigner("ed25519", systemRandom));
 */
export function signWithOpenSsl(signer: DeviceSigner): DeviceSigner {
  const { type, secret } = signer;
  if (type === "secp256k1") return signer;
  const prefix = type === "ed25519" ? ED25519_PREFIX : P256_PREFIX;
  const der = Buffer.concat([prefix, secret]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const algorithm = type === "ed25519" ? null : "sha256";
  const how = { key, dsaEncoding: "ieee-p1363" } as const;
  return { ...signer, sign: (message) => Uint8Array.from(sign(algorithm, message, how)) };
}
