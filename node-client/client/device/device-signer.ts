import { createECDH, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type DeviceKeyType, joinDeviceKey } from "../../../spec/device-key.ts";
import type { RandomSource } from "./random-source.ts";

/** A device's signing key: what a sensor keeps in its secure element. */
export interface DeviceSigner {
  readonly type: DeviceKeyType;
  /** Multicodec form, as `register_device` takes it. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 64 bytes: Ed25519 (RFC 8032), or r ‖ s over SHA-256 with low s. */
  sign(message: Uint8Array): Uint8Array;
}

/** A signer with a fresh key. */
export function createDeviceSigner(type: DeviceKeyType, random: RandomSource): DeviceSigner {
  for (;;) {
    const secret = random(32);
    // One in 2^32 secrets at worst is no P-256 scalar: draw again.
    if (type !== "p256" || isP256Secret(secret)) return restoreDeviceSigner(type, secret);
  }
}

/** The signer of a kept secret. Throws `RangeError` when the secret is none of this key type. */
export function restoreDeviceSigner(type: DeviceKeyType, secret: Uint8Array): DeviceSigner {
  if (secret.length !== 32) throw new RangeError("a device secret has 32 bytes");
  if (type === "ed25519") {
    const raw = ed25519.getPublicKey(secret);
    const key = importEd25519(secret, raw);
    return {
      type,
      key: joinDeviceKey({ type, raw }),
      secret,
      sign: (message) => Uint8Array.from(sign(null, message, key)),
    };
  }
  if (type === "secp256k1") {
    return {
      type,
      key: joinDeviceKey({ type, raw: secp256k1.getPublicKey(secret, true) }),
      secret,
      sign: (message) => secp256k1.sign(message, secret, { prehash: true, lowS: true }),
    };
  }
  if (!isP256Secret(secret)) throw new RangeError("the secret is no P-256 scalar");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const key = importP256(secret, point);
  return {
    type,
    key: joinDeviceKey({ type, raw: Uint8Array.from(ecdh.getPublicKey(null, "compressed")) }),
    secret,
    sign: (message) => Uint8Array.from(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
  };
}

function isP256Secret(secret: Uint8Array): boolean {
  try {
    createECDH("prime256v1").setPrivateKey(secret);
    return true;
  } catch {
    // OpenSSL refuses zero and anything at or above the group's order.
    return false;
  }
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

function importEd25519(secret: Uint8Array, raw: Uint8Array): KeyObject {
  const key = { kty: "OKP", crv: "Ed25519", d: base64url(secret), x: base64url(raw) };
  return createPrivateKey({ key, format: "jwk" });
}

function importP256(secret: Uint8Array, point: Uint8Array): KeyObject {
  const x = base64url(point.subarray(1, 33));
  const y = base64url(point.subarray(33, 65));
  const key = { kty: "EC", crv: "P-256", d: base64url(secret), x, y };
  return createPrivateKey({ key, format: "jwk" });
}
