import { hash } from "node:crypto";
import { hexToBytes } from "@noble/hashes/utils.js";
import * as libsecp256k1 from "tiny-secp256k1";
import {
  type DeviceSigner,
  restoreDeviceSigner,
} from "../../node-client/client/device/device-signer.ts";
import { signWithOpenSsl } from "../../node-client/history/openssl-signer.ts";
import type { DeviceKeyType } from "../../spec/device-key.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import { type AccountClaim, computeOperationDigest } from "../../spec/typed-data.ts";
import { APP, CHAIN_ID } from "./world.ts";

/**
 * Signers of the generated histories. They differ from the clients' in two ways: equal messages get
 * equal signatures for every key type (OpenSSL draws a nonce for P-256), so that a seed gives a
 * history to the byte; and secp256k1 runs in WebAssembly, which takes a tenth of the time.
 */
export function quickSigner(type: DeviceKeyType, secret: Uint8Array): DeviceSigner {
  const signer = restoreDeviceSigner(type, secret);
  if (type === "p256") return signer;
  if (type === "secp256k1") {
    const sign = (message: Uint8Array) =>
      Uint8Array.from(libsecp256k1.sign(hash("sha256", message, "buffer"), secret));
    return { ...signer, sign };
  }
  return signWithOpenSsl(signer);
}

/** Where a relayed operation is meant to count. */
export interface SigningPlace {
  readonly chainId: bigint;
  readonly app: Uint8Array;
}

export const HERE: SigningPlace = { chainId: CHAIN_ID, app: APP };

/** An operation that an account signed, for anybody to relay (EIP-712). */
export function signQuickly(
  secret: Uint8Array,
  claim: AccountClaim,
  body: SignableBody,
  place: SigningPlace = HERE,
): Operation {
  const digest = computeOperationDigest(place, claim, body);
  const { signature, recoveryId } = libsecp256k1.signRecoverable(digest, secret);
  const bytes = new Uint8Array(65);
  bytes.set(signature);
  bytes[64] = 27 + recoveryId;
  return { authorization: { by: "account", ...claim, signature: bytes }, body };
}

export const toBytes = (hex: string): Uint8Array => hexToBytes(hex.replace(/^0x/, ""));
