import { createCipheriv, createHash } from "node:crypto";
import type { RandomSource } from "../client/device/device-signer.ts";

/**
 * A source that a seed determines: ChaCha20 under its SHA-256. Whoever knows the seed knows every
 * key made from it, and a seed is for one content only: histories take theirs by `seedHistory`.
 */
export function seededRandom(seed: string): RandomSource {
  const key = createHash("sha256").update(`tallyroll/seed/${seed}`).digest();
  const stream = createCipheriv("chacha20", key, Buffer.alloc(16));
  return (length) => Uint8Array.from(stream.update(Buffer.alloc(length)));
}
