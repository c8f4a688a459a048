import { BitWriter } from "../../spec/bits.ts";
import { encodeColumns } from "../../spec/columns.ts";
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { Metric, MetricKind } from "../../spec/readings.ts";
import { HEAVY_TEXT, makeReadings } from "./readings.ts";
import type { SeededRng } from "./seeded-rng.ts";

/**
 * Packed columns that are false in some way the decoder has to notice: they claim more than they
 * hold, overflow, repeat themselves, or are simply noise.
 */
export function falseColumns(
  rng: SeededRng,
  metrics: readonly Metric[],
  count: number,
  hasTime: boolean,
): Uint8Array {
  const kinds: MetricKind[] = metrics.map(({ kind }) => kind);
  if (hasTime) kinds.unshift("integer");
  switch (rng.below(6)) {
    case 0:
      return rng.bytes(rng.below(rng.chance(10) ? 4_000 : 100));
    case 1:
      return new Uint8Array(rng.below(200)).fill(rng.pick([0, 0xff, 0x80, 0x55]));
    case 2:
      return mutateHonest(rng, metrics, count, hasTime);
    default:
      return craft(rng, kinds, count);
  }
}

function mutateHonest(
  rng: SeededRng,
  metrics: readonly Metric[],
  count: number,
  hasTime: boolean,
): Uint8Array {
  const { times, columns } = makeReadings(rng, metrics, Math.min(count, 40));
  const time = { values: times, present: undefined, dictionary: undefined };
  const packed = encodeColumns(hasTime ? [time, ...columns] : columns, times.length);
  const bytes = new Uint8Array(packed.length + rng.below(3));
  bytes.set(packed);
  for (let flips = rng.below(4); flips > 0; flips--) {
    bytes[rng.below(bytes.length)]! ^= 1 << rng.below(8);
  }
  return rng.chance(4) ? bytes.subarray(0, rng.below(bytes.length)) : bytes;
}

/** Plausible columns with one crafted piece; what stands behind it hardly matters. */
function craft(rng: SeededRng, kinds: readonly MetricKind[], count: number): Uint8Array {
  const writer = new BitWriter();
  const faulty = rng.below(kinds.length);
  kinds.forEach((kind, index) => {
    if (index !== faulty) writeHonest(writer, kind);
    else if (kind === "text" && !rng.chance(4)) writeFalseDictionary(writer, rng, count);
    else writeFalseSeries(writer, rng, count);
  });
  return writer.finish();
}

/** All present; a line of zeros, or one text: a few bits for any count. */
function writeHonest(writer: BitWriter, kind: MetricKind): void {
  writer.writeBits(0, 1);
  if (kind === "text") {
    writer.writeNumber(1);
    writer.writeBits(HEAVY_TEXT.length, 8);
    for (const letter of HEAVY_TEXT) writer.writeBits(letter.charCodeAt(0), 8);
  }
  writeLine(writer, 0, 0);
}

function writeLine(writer: BitWriter, base: number, step: number): void {
  writer.writeBits(3, 2);
  writer.writeSigned(base);
  writer.writeSigned(step);
}

const WIDE = [METRIC_VALUE_MAX, METRIC_VALUE_MAX + 1, 2 ** 51, 2 ** 52 - 1] as const;

function writeFalseSeries(writer: BitWriter, rng: SeededRng, count: number): void {
  const isPresenceFull = rng.chance(6);
  writer.writeBits(isPresenceFull ? 1 : 0, 1);
  for (let i = 0; isPresenceFull && i < Math.min(count, 500); i++) writer.writeBits(1, 1);
  switch (rng.below(6)) {
    case 0: // A line that leaves the range at its end, or far before.
      writeLine(writer, rng.pick([0, ...WIDE]), rng.pick([1, -1, ...WIDE]));
      return;
    case 1: // A Rice parameter that does not exist.
      writer.writeBits(rng.below(3), 2);
      writer.writeBits(rng.between(51, 63), 6);
      return;
    case 2: // A grid that is none, or whose products are not exact.
      writeGrid(writer, rng);
      return;
    case 3: // A number whose first bit is zero, or that is too wide.
      writer.writeBits(3, 2);
      writer.writeBits(rng.pick([1, 2, 53, 54, 63]), 6);
      writer.writeBits(0, 30);
      return;
    default: // Residuals by escape, each as wide as it can be.
      writer.writeBits(rng.below(3), 2);
      writer.writeBits(rng.below(51), 6);
      writer.writeBits(0, 1);
      writer.writeSigned(rng.pick([0, ...WIDE]));
      for (let i = 0; i < Math.min(count, 60); i++) {
        writer.writeBits(2 ** 24 - 1, 24);
        writer.writeBits(rng.pick([0, 2 ** 53 - 1, 2 ** 50, 2 ** 49]), 53);
      }
  }
}

function writeGrid(writer: BitWriter, rng: SeededRng): void {
  const numbers = [0, 1, 2, 9, 50, 2 ** 50, 2 ** 50 + 1, 2 ** 53 - 1] as const;
  writer.writeBits(rng.below(3), 2);
  writer.writeBits(rng.below(51), 6);
  writer.writeBits(1, 1);
  for (let i = 0; i < 3; i++) writer.writeNumber(rng.pick(numbers));
  writer.writeSigned(rng.pick([0, 1, -1, ...WIDE]));
}

function writeFalseDictionary(writer: BitWriter, rng: SeededRng, count: number): void {
  writer.writeBits(0, 1);
  const claimed = rng.pick([0, 1, 2, count, count + 1, 4_096, 4_097, 2 ** 53 - 1]);
  writer.writeNumber(claimed);
  const texts = rng.below(4);
  for (let i = 0; i < texts; i++) {
    const length = rng.pick([0, 1, 3, 200, 201, 255]);
    writer.writeBits(length, 8);
    // Often the same letter, so that two texts are one; sometimes no letter at all.
    const byte = rng.pick([0x61, 0x61, 0x80, 0xff, 0xed, 0xc0]);
    for (let j = 0; j < Math.min(length, 200); j++) writer.writeBits(byte, 8);
  }
  writeLine(writer, rng.pick([0, 1, -1, 4_096]), rng.pick([0, 1, 2 ** 49]));
}
