/**
 * The AEADs of the protocol with the nonce as a parameter, so that public test vectors reach them.
 * The protocol itself uses each key once, with a zero nonce (spec §7), and only `Crypto` calls this.
 */

import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Crypto } from "./crypto.ts";
import { requireLength } from "./crypto-checks.ts";

/** An AEAD with 32-byte keys and 16-byte tags after the text. */
export interface Aead {
  readonly nonceBytes: number;
  /** @throws RangeError for a key or nonce of wrong length. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /**
   * `undefined` when the tag does not verify or the input is shorter than a tag.
   *
   * @throws RangeError for a key or nonce of wrong length.
   */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | undefined;
}

/** An implementation of each AEAD; there is one more over OpenSSL, `dapp/crypto/node-aead.ts`. */
export interface Aeads {
  /** RFC 8439, 12-byte nonce. */
  readonly chacha20Poly1305: Aead;
  /** draft-irtf-cfrg-xchacha-03, 24-byte nonce. */
  readonly xchacha20Poly1305: Aead;
  /** NIST SP 800-38D, 12-byte nonce. */
  readonly aes256Gcm: Aead;
}

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

/** @throws RangeError for a key or nonce of wrong length. */
export function requireKeyAndNonce(key: Uint8Array, nonce: Uint8Array, nonceBytes: number): void {
  requireLength("key", key, KEY_BYTES);
  requireLength("nonce", nonce, nonceBytes);
}

const ZERO_NONCE_12 = new Uint8Array(12);
const ZERO_NONCE_24 = new Uint8Array(24);

/** The AEADs as the protocol uses them. */
export const withZeroNonces = ({
  xchacha20Poly1305: xchacha,
  aes256Gcm: aes,
}: Aeads): Pick<Crypto, `${"seal" | "open"}${"XChaCha20Poly1305" | "Aes256Gcm"}`> => ({
  sealXChaCha20Poly1305: (key, plaintext, aad) => xchacha.seal(key, ZERO_NONCE_24, plaintext, aad),
  openXChaCha20Poly1305: (key, sealed, aad) => xchacha.open(key, ZERO_NONCE_24, sealed, aad),
  sealAes256Gcm: (key, plaintext, aad) => aes.seal(key, ZERO_NONCE_12, plaintext, aad),
  openAes256Gcm: (key, sealed, aad) => aes.open(key, ZERO_NONCE_12, sealed, aad),
});

type NobleCipher = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
) => { encrypt(text: Uint8Array): Uint8Array; decrypt(sealed: Uint8Array): Uint8Array };

function nobleAead(cipher: NobleCipher, nonceBytes: number): Aead {
  return {
    nonceBytes,
    seal(key, nonce, plaintext, aad) {
      requireKeyAndNonce(key, nonce, nonceBytes);
      return cipher(key, nonce, aad).encrypt(plaintext);
    },
    open(key, nonce, sealed, aad) {
      requireKeyAndNonce(key, nonce, nonceBytes);
      if (sealed.length < TAG_BYTES) return undefined;
      try {
        return cipher(key, nonce, aad).decrypt(sealed);
      } catch {
        return undefined; // All lengths are right, so it can only be the tag.
      }
    },
  };
}

/** The AEADs in pure JavaScript. */
export const nobleAeads: Aeads = {
  chacha20Poly1305: nobleAead(chacha20poly1305, 12),
  xchacha20Poly1305: nobleAead(xchacha20poly1305, 24),
  aes256Gcm: nobleAead(gcm, 12),
};
