import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type DeviceKeyType, joinDeviceKey } from "../../../spec/device-key.ts";

/** Gives `length` bytes that nobody can guess, or that a seed determines. */
export type RandomSource = (length: number) => Uint8Array;

/** The system's randomness: what every key, salt and ephemeral secret comes from. At most 64 KiB. */
export const systemRandom: RandomSource = (length) =>
  crypto.getRandomValues(new Uint8Array(length));

/** A device's signing key: what a sensor keeps in its secure element. */
export interface DeviceSigner {
  readonly type: DeviceKeyType;
  /** Multicodec form, as `register_device` takes it. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 64 bytes: Ed25519 (RFC 8032), or r ‖ s over SHA-256 (RFC 6979), with low s for secp256k1. */
  sign(message: Uint8Array): Uint8Array;
}

/** A signer with a fresh key. */
export function createDeviceSigner(type: DeviceKeyType, random: RandomSource): DeviceSigner {
  for (;;) {
    const secret = random(32);
    // One in 2^32 secrets at worst is not a P-256 scalar: draw again.
    if (type !== "p256" || p256.utils.isValidSecretKey(secret)) {
      return restoreDeviceSigner(type, secret);
    }
  }
}

/** The signer of a kept secret. Throws `RangeError` when the secret is none of this key type. */
export function restoreDeviceSigner(type: DeviceKeyType, secret: Uint8Array): DeviceSigner {
  if (secret.length !== 32) throw new RangeError("a device secret has 32 bytes");
  const make = (raw: Uint8Array, sign: DeviceSigner["sign"]): DeviceSigner => {
    return { type, key: joinDeviceKey({ type, raw }), secret, sign };
  };
  if (type === "ed25519") {
    return make(ed25519.getPublicKey(secret), (message) => ed25519.sign(message, secret));
  }
  if (type === "secp256k1") {
    return make(secp256k1.getPublicKey(secret, true), (message) =>
      secp256k1.sign(message, secret, { prehash: true, lowS: true }),
    );
  }
  if (!p256.utils.isValidSecretKey(secret)) throw new RangeError("the secret is no P-256 scalar");
  return make(p256.getPublicKey(secret, true), (message) =>
    p256.sign(message, secret, { prehash: true, lowS: false }),
  );
}
