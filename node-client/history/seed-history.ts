import { createHash } from "node:crypto";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { DeviceReadings } from "../csv/read-readings.ts";
import { type RandomSource, seededRandom } from "../device/random-source.ts";
import type { EncodeOptions } from "./encode-history.ts";

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
  readings: readonly DeviceReadings[],
  options: Omit<EncodeOptions, "random">,
): RandomSource {
  const hash = createHash("sha256").update(JSON.stringify(options, toPlain));
  for (const { deviceName, metrics, times, columns } of readings) {
    const shapes = columns.map(({ dictionary, present }) => [dictionary, present !== undefined]);
    hash.update(JSON.stringify([deviceName, metrics, times.length, shapes]));
    hash.update(bytesOf(times));
    for (const { values, present } of columns) {
      hash.update(bytesOf(values));
      if (present !== undefined) hash.update(bytesOf(present));
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
