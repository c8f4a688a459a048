import { createCipheriv, createHash } from "node:crypto";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { RandomSource } from "../client/device/device-signer.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import { type StoredReadings, sliceReadings } from "../files/slice-readings.ts";
import type { EncodeOptions } from "./encode-history.ts";

/**
 * A source that a seed determines: ChaCha20 under its SHA-256. Whoever knows the seed knows every
 * key made from it, and a seed is for one content only: histories take theirs by `seedHistory`.
 */
export function seededRandom(seed: string): RandomSource {
  const key = createHash("sha256").update(`tallyroll/seed/${seed}`).digest();
  const stream = createCipheriv("chacha20", key, Buffer.alloc(16));
  return (length) => Uint8Array.from(stream.update(Buffer.alloc(length)));
}

/** Readings that are hashed at once: a whole file need not lie in memory. */
const SLICE = 4_096;

/**
 * The randomness of one seeded history: the same seed, readings and options give the same bytes.
 * Whatever differs in what is encoded differs in every key and salt, because batches are sealed
 * under nonces of zero: one key for two plaintexts would open both to anybody.
 *
 * @example
 * const options = { ...others, random: seedHistory("demo", readings, others) };
 */
export function seedHistory(
  seed: string,
  readings: readonly (DeviceReadings | StoredReadings)[],
  options: Omit<EncodeOptions, "random">,
): RandomSource {
  const hash = createHash("sha256").update(JSON.stringify(options, toPlain));
  for (const device of readings) {
    const { deviceName, metrics, times } = device;
    const { keyGroups } = options;
    const groups = typeof keyGroups === "function" ? keyGroups(metrics) : keyGroups;
    hash.update(JSON.stringify([deviceName, metrics, groups, times.length]));
    for (let from = 0; from < times.length; from += SLICE) {
      const slice = sliceReadings(device, from, Math.min(from + SLICE, times.length));
      hash.update(bytesOf(slice.times));
      for (const { values, present, dictionary } of slice.columns) {
        hash.update(JSON.stringify([dictionary, present !== undefined]));
        hash.update(bytesOf(values));
        if (present !== undefined) hash.update(bytesOf(present));
      }
    }
  }
  // The digest's length is fixed, so that no seed can pretend to be another with its data.
  return seededRandom(`${seed}/${hash.digest("hex")}`);
}

function toPlain(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value instanceof Uint8Array ? bytesToHex(value) : value;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
