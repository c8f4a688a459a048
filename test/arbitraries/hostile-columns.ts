import { BitWriter } from "../../spec/bits.ts";
import { encodeColumns } from "../../spec/columns.ts";
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { Metric, MetricKind } from "../../spec/readings.ts";
import type { Dice } from "./dice.ts";
import { HEAVY_TEXT, makeReadings } from "./readings.ts";

/**
 * Packed columns that are false in some way the decoder has to notice: they claim more than they
 * hold, overflow, repeat themselves, or are simply noise.
 */
export function falseColumns(
  dice: Dice,
  metrics: readonly Metric[],
  count: number,
  hasTime: boolean,
): Uint8Array {
  const kinds: MetricKind[] = metrics.map(({ kind }) => kind);
  if (hasTime) kinds.unshift("integer");
  switch (dice.below(6)) {
    case 0:
      return dice.bytes(dice.below(dice.chance(10) ? 4_000 : 100));
    case 1:
      return new Uint8Array(dice.below(200)).fill(dice.pick([0, 0xff, 0x80, 0x55]));
    case 2:
      return mutateHonest(dice, metrics, count, hasTime);
    default:
      return craft(dice, kinds, count);
  }
}

function mutateHonest(
  dice: Dice,
  metrics: readonly Metric[],
  count: number,
  hasTime: boolean,
): Uint8Array {
  const { times, columns } = makeReadings(dice, metrics, Math.min(count, 40));
  const time = { values: times, present: undefined, dictionary: undefined };
  const packed = encodeColumns(hasTime ? [time, ...columns] : columns, times.length);
  const bytes = new Uint8Array(packed.length + dice.below(3));
  bytes.set(packed);
  for (let flips = dice.below(4); flips > 0; flips--) {
    bytes[dice.below(bytes.length)]! ^= 1 << dice.below(8);
  }
  return dice.chance(4) ? bytes.subarray(0, dice.below(bytes.length)) : bytes;
}

/** Plausible columns with one crafted piece; what stands behind it hardly matters. */
function craft(dice: Dice, kinds: readonly MetricKind[], count: number): Uint8Array {
  const writer = new BitWriter();
  const faulty = dice.below(kinds.length);
  kinds.forEach((kind, index) => {
    if (index !== faulty) writeHonest(writer, kind);
    else if (kind === "text" && !dice.chance(4)) writeFalseDictionary(writer, dice, count);
    else writeFalseSeries(writer, dice, count);
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

function writeFalseSeries(writer: BitWriter, dice: Dice, count: number): void {
  const isPresenceFull = dice.chance(6);
  writer.writeBits(isPresenceFull ? 1 : 0, 1);
  for (let i = 0; isPresenceFull && i < Math.min(count, 500); i++) writer.writeBits(1, 1);
  switch (dice.below(6)) {
    case 0: // A line that leaves the range at its end, or far before.
      writeLine(writer, dice.pick([0, ...WIDE]), dice.pick([1, -1, ...WIDE]));
      return;
    case 1: // A Rice parameter that does not exist.
      writer.writeBits(dice.below(3), 2);
      writer.writeBits(dice.between(51, 63), 6);
      return;
    case 2: // A grid that is none, or whose products are not exact.
      writeGrid(writer, dice);
      return;
    case 3: // A number whose first bit is zero, or that is too wide.
      writer.writeBits(3, 2);
      writer.writeBits(dice.pick([1, 2, 53, 54, 63]), 6);
      writer.writeBits(0, 30);
      return;
    default: // Residuals by escape, each as wide as it can be.
      writer.writeBits(dice.below(3), 2);
      writer.writeBits(dice.below(51), 6);
      writer.writeBits(0, 1);
      writer.writeSigned(dice.pick([0, ...WIDE]));
      for (let i = 0; i < Math.min(count, 60); i++) {
        writer.writeBits(2 ** 24 - 1, 24);
        writer.writeBits(dice.pick([0, 2 ** 53 - 1, 2 ** 50, 2 ** 49]), 53);
      }
  }
}

function writeGrid(writer: BitWriter, dice: Dice): void {
  const numbers = [0, 1, 2, 9, 50, 2 ** 50, 2 ** 50 + 1, 2 ** 53 - 1] as const;
  writer.writeBits(dice.below(3), 2);
  writer.writeBits(dice.below(51), 6);
  writer.writeBits(1, 1);
  for (let i = 0; i < 3; i++) writer.writeNumber(dice.pick(numbers));
  writer.writeSigned(dice.pick([0, 1, -1, ...WIDE]));
}

function writeFalseDictionary(writer: BitWriter, dice: Dice, count: number): void {
  writer.writeBits(0, 1);
  const claimed = dice.pick([0, 1, 2, count, count + 1, 4_096, 4_097, 2 ** 53 - 1]);
  writer.writeNumber(claimed);
  const texts = dice.below(4);
  for (let i = 0; i < texts; i++) {
    const length = dice.pick([0, 1, 3, 200, 201, 255]);
    writer.writeBits(length, 8);
    // Often the same letter, so that two texts are one; sometimes no letter at all.
    const byte = dice.pick([0x61, 0x61, 0x80, 0xff, 0xed, 0xc0]);
    for (let j = 0; j < Math.min(length, 200); j++) writer.writeBits(byte, 8);
  }
  writeLine(writer, dice.pick([0, 1, -1, 4_096]), dice.pick([0, 1, 2 ** 49]));
}
