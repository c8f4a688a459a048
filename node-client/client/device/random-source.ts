import { createCipheriv, createHash, randomBytes } from "node:crypto";

/** Gives `length` bytes that nobody can guess, or that a seed determines. */
export type RandomSource = (length: number) => Uint8Array;

/** The operating system's randomness: what every key, salt and ephemeral secret comes from. */
export const systemRandom: RandomSource = (length) => Uint8Array.from(randomBytes(length));

/**
 * A source that a seed determines: ChaCha20 under its SHA-256. Whoever knows the seed knows every
 * key made from it, and a seed is for one content only: histories take theirs by `seedHistory`.
 */
export function seededRandom(seed: string): RandomSource {
  const key = createHash("sha256").update(`tallyroll/seed/${seed}`).digest();
  const stream = createCipheriv("chacha20", key, Buffer.alloc(16));
  return (length) => Uint8Array.from(stream.update(Buffer.alloc(length)));
}
