import { concatBytes } from "@noble/hashes/utils.js";
import { encodeWire, type Wire } from "../../spec/codec.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import type { SeededRng } from "./seeded-rng.ts";

/** Payloads that are wrong as bytes, before anybody asks what they mean. */

/** Any bytes at all; half of them under a version that exists. */
export function randomBytes(rng: SeededRng): Uint8Array {
  const bytes = rng.bytes(rng.below(rng.chance(20) ? 4_000 : 200));
  if (bytes.length > 0 && rng.chance(2)) bytes[0] = rng.between(1, 2);
  return bytes;
}

/** Tags of msgpack that say how much follows, and the ones that the codec leaves out. */
const TAGS = [
  0x80, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc,
  0xcd, 0xce, 0xcf, 0xd0, 0xd3, 0xd4, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff,
] as const;

/** Bytes that look like msgpack: real tags with lengths that promise anything up to 4 GiB. */
export function falseWire(rng: SeededRng): Uint8Array {
  const bytes = [1, rng.chance(4) ? 0xdc : 0x90 + rng.below(16)];
  const count = rng.below(30);
  for (let i = 0; i < count; i++) {
    bytes.push(rng.pick(TAGS));
    const length = rng.below(6);
    const fill = rng.pick([0, 0xff, 0x7f, 1]);
    for (let j = 0; j < length; j++) bytes.push(rng.chance(3) ? rng.below(256) : fill);
  }
  return Uint8Array.from(bytes);
}

/** Lists in lists: just within, at and far beyond the depth that is admitted. */
export function deepWire(rng: SeededRng): Uint8Array {
  const depth = rng.chance(4) ? 60_000 : rng.between(4, 9);
  const bytes = new Uint8Array(2 + depth).fill(0x91);
  bytes[0] = 1;
  bytes[bytes.length - 1] = rng.pick([0x90, 0x00, 0xc2, 0x91]);
  return bytes;
}

/** Canonical lists of anything. */
export function randomWire(rng: SeededRng): Uint8Array {
  const list = Array.from({ length: rng.below(8) }, () => {
    const kind = rng.chance(4) ? randomValue(rng, 3) : rng.between(1, 13);
    return rng.chance(3) ? randomValue(rng, 1) : [kind, randomValue(rng, 2), randomValue(rng, 2)];
  });
  return concatBytes(Uint8Array.of(1), encodeWire(list));
}

const TEXTS = ["", "a", "name", "ü", "霧".repeat(22), "🌩️", "\u0000", "x".repeat(300)] as const;
const NUMBERS = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1] as const;
const LENGTHS = [0, 1, 5, 16, 20, 32, 33, 34, 35, 64, 65, 255, 256, 1_000] as const;

/** A canonical value, of a shape that fields have, or of none. */
export function randomValue(rng: SeededRng, depth: number): Wire {
  switch (rng.below(depth > 4 ? 5 : 6)) {
    case 0:
      return rng.pick(NUMBERS);
    case 1:
      return rng.bytes(rng.pick(LENGTHS));
    case 2:
      return rng.pick(TEXTS);
    case 3:
      return rng.chance(2);
    case 4:
      return rng.next();
    default:
      return Array.from({ length: rng.below(6) }, () => randomValue(rng, depth + 1));
  }
}

/** A payload with something done to its bytes. */
export function mutateBytes(payload: Uint8Array, rng: SeededRng): Uint8Array {
  const bytes = payload.slice();
  const at = rng.below(Math.max(1, bytes.length));
  switch (rng.below(8)) {
    case 0:
    case 1:
    case 2:
      if (bytes.length > 0) bytes[at]! ^= 1 << rng.below(8);
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return concatBytes(bytes, rng.bytes(rng.between(1, 9)));
    case 5: // A tag where there may have been another one.
      bytes[at] = rng.pick(TAGS);
      return bytes;
    case 6: // Something left out, something doubled.
      return concatBytes(bytes.subarray(0, at), bytes.subarray(rng.below(bytes.length + 1)));
    default:
      bytes[0] = rng.below(4);
      return bytes;
  }
}

/** Two payloads grown together. */
export const splice = (a: Uint8Array, b: Uint8Array, rng: SeededRng): Uint8Array =>
  concatBytes(a.subarray(0, rng.below(a.length + 1)), b.subarray(rng.below(b.length + 1)));

/** One byte too many, or many. */
export function oversize(payload: Uint8Array, rng: SeededRng): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD_BYTES_MAX + rng.pick([0, 1, 1, 2, 500, 4_000]));
  bytes.set(payload.subarray(0, bytes.length));
  return bytes;
}
