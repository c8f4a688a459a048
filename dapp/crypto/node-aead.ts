/** The AEADs and the keystream over OpenSSL (spec §7), twins of `spec/crypto-aead.ts`. */

import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Aead, Aeads } from "../../spec/crypto-aead.ts";
import { requireKeyAndNonce, TAG_BYTES } from "../../spec/crypto-aead.ts";

/** A view of the same bytes: callers get no `Buffer`, whose methods differ from `Uint8Array`'s. */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function opensslAead(name: "chacha20-poly1305" | "aes-256-gcm"): Aead {
  // Node's types tell the AEADs apart by literal names; both take the same calls.
  const algorithm = name as "chacha20-poly1305";
  const options = { authTagLength: TAG_BYTES };
  return {
    nonceBytes: 12,
    seal(key, nonce, plaintext, aad) {
      requireKeyAndNonce(key, nonce, 12);
      const cipher = createCipheriv(algorithm, key, nonce, options);
      cipher.setAAD(aad, { plaintextLength: plaintext.length });
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    open(key, nonce, sealed, aad) {
      requireKeyAndNonce(key, nonce, 12);
      const textBytes = sealed.length - TAG_BYTES;
      if (textBytes < 0) return undefined;
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAAD(aad, { plaintextLength: textBytes });
      decipher.setAuthTag(sealed.subarray(textBytes));
      const plaintext = decipher.update(sealed.subarray(0, textBytes));
      try {
        decipher.final();
      } catch {
        return undefined; // Both are stream ciphers: only the tag can fail here.
      }
      return plainBytes(plaintext);
    },
  };
}

const chacha20Poly1305 = opensslAead("chacha20-poly1305");

/** XChaCha20-Poly1305, which OpenSSL lacks: its IETF sibling under a key derived by HChaCha20. */
const xchacha20Poly1305: Aead = {
  nonceBytes: 24,
  seal(key, nonce, plaintext, aad) {
    requireKeyAndNonce(key, nonce, 24);
    return chacha20Poly1305.seal(hchacha20(key, nonce), innerNonce(nonce), plaintext, aad);
  },
  open(key, nonce, sealed, aad) {
    requireKeyAndNonce(key, nonce, 24);
    return chacha20Poly1305.open(hchacha20(key, nonce), innerNonce(nonce), sealed, aad);
  },
};

/** The AEADs over OpenSSL. */
export const nodeAeads: Aeads = {
  chacha20Poly1305,
  xchacha20Poly1305,
  aes256Gcm: opensslAead("aes-256-gcm"),
};

/** ChaCha20's keystream from block 0 under a zero nonce; OpenSSL's IV is counter ‖ nonce. */
export function chacha20Keystream(key: Uint8Array, length: number): Uint8Array {
  const cipher = createCipheriv("chacha20", key, ZERO_IV);
  return plainBytes(cipher.update(new Uint8Array(length)));
}
const ZERO_IV = new Uint8Array(16);

// OpenSSL copies what it is given, so these serve every call: small arrays that come new to a native
// function are moved out of JavaScript's heap first, which takes longer than filling them.
const inner = new Uint8Array(12);
const subkey = new Uint8Array(32);
const state = new Uint32Array(16);

function innerNonce(nonce: Uint8Array): Uint8Array {
  inner.set(nonce.subarray(16), 4);
  return inner;
}

/** draft-irtf-cfrg-xchacha-03 §2.2: ChaCha20's rounds without the final addition. */
function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  state.set(SIGMA);
  for (let i = 0; i < 8; i++) state[4 + i] = readWord(key, 4 * i);
  for (let i = 0; i < 4; i++) state[12 + i] = readWord(nonce, 4 * i);
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) quarterRound(state, i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i++) {
      quarterRound(state, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
  }
  for (let i = 0; i < 4; i++) writeWord(subkey, 4 * i, state[i]!);
  for (let i = 0; i < 4; i++) writeWord(subkey, 16 + 4 * i, state[12 + i]!);
  return subkey;
}

/** "expand 32-byte k" */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  x[a]! += x[b]!;
  x[d] = rotateLeft(x[d]! ^ x[a]!, 16);
  x[c]! += x[d]!;
  x[b] = rotateLeft(x[b]! ^ x[c]!, 12);
  x[a]! += x[b]!;
  x[d] = rotateLeft(x[d]! ^ x[a]!, 8);
  x[c]! += x[d]!;
  x[b] = rotateLeft(x[b]! ^ x[c]!, 7);
}

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

// Byte by byte, so that neither alignment nor the host's byte order matters.
const readWord = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
function writeWord(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = word >>> (8 * i);
}
