/**
 * The cryptography the protocol needs, behind one interface with two implementations that must
 * agree on every byte (spec §7): `dapp/crypto/node-crypto.ts` (OpenSSL and WebAssembly) and
 * `spec/crypto-noble.ts` (pure JavaScript, for browsers and as the twin in tests).
 *
 * Every method is pure. Lengths that the caller controls by construction (a 32-byte key, a 12-byte
 * nonce) throw `RangeError` when wrong; anything that an outsider sends gives `false` or
 * `undefined`, never a throw.
 */
export interface Crypto {
  /** SHA-256 (FIPS 180-4): 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** Keccak-256 as Ethereum uses it: 32 bytes. */
  keccak256(data: Uint8Array): Uint8Array;
  /** BLAKE3 in extendable-output mode: `length` bytes, 1 to 4,096. */
  blake3(data: Uint8Array, length: number): Uint8Array;
  /** HKDF-SHA256 (RFC 5869): `length` bytes, 1 to 255 × 32. */
  hkdfSha256(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /**
   * RFC 9162 §2.1.1 Merkle tree hash (SHA-256, 0x00 leaf and 0x01 node prefixes). Leaf `i` is
   * `leaves[offsets[i] .. offsets[i + 1]]`, so `offsets` has one entry more than there are leaves.
   * At least one leaf.
   */
  merkleRoot(leaves: Uint8Array, offsets: Uint32Array): Uint8Array;

  /** ChaCha20 (RFC 8439) keystream, counter 0, zero nonce: `length` bytes under a 32-byte key. */
  chacha20Keystream(key: Uint8Array, length: number): Uint8Array;
  /** XChaCha20-Poly1305, 32-byte key, 24-byte zero nonce (keys are single-use): text ‖ 16-byte tag. */
  sealXChaCha20Poly1305(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Inverse of the seal; `undefined` when the tag does not verify or the input is under 16 bytes. */
  openXChaCha20Poly1305(
    key: Uint8Array,
    sealed: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | undefined;
  /** AES-256-GCM, 12-byte zero nonce (keys are single-use): text ‖ 16-byte tag. */
  sealAes256Gcm(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Inverse of the seal; `undefined` when the tag does not verify or the input is under 16 bytes. */
  openAes256Gcm(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined;

  /** X25519 public key of a 32-byte secret (RFC 7748). */
  x25519PublicKey(secretKey: Uint8Array): Uint8Array;
  /** X25519 shared secret; `undefined` for a peer key of wrong length or of small order. */
  x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

  /** True iff the 32 bytes are a canonical, torsion-free Ed25519 point other than the identity. */
  isEd25519PublicKey(publicKey: Uint8Array): boolean;
  /** True iff the 33 bytes are a compressed point of P-256. */
  isP256PublicKey(publicKey: Uint8Array): boolean;
  /** True iff the 33 bytes are a compressed point of secp256k1. */
  isSecp256k1PublicKey(publicKey: Uint8Array): boolean;
  /**
   * Ed25519 (RFC 8032, cofactorless): S < L and the encoding of [S]B − [k]A equals R's bytes.
   * `publicKey` has passed `isEd25519PublicKey` when it was registered.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** ECDSA over SHA-256(message), r ‖ s of 64 bytes, low and high s. */
  verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** ECDSA over SHA-256(message), r ‖ s of 64 bytes, low s only. */
  verifySecp256k1(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * The 20-byte address that signed a 32-byte digest: r ‖ s ‖ v of 65 bytes, v one of 0, 1, 27, 28,
   * low s only (EIP-2). `undefined` when no key is recovered.
   */
  recoverAddress(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
}
