/** Wire values, and a slow twin of the codec's decoder. */

import fc from "fast-check";
import { encodeUint, type Wire } from "../../spec/codec.ts";
import { AMOUNT_MAX, CODEC_DEPTH_MAX, CODEC_ITEMS_MAX } from "../../spec/limits.ts";
import { bytes } from "./crypto.ts";

/** Well-formed text of every width, without a byte order mark in front. */
export const wireText = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: "grapheme", maxLength: 24 }),
    fc.constantFrom(31, 32, 63, 64, 65, 255, 256).map((length) => "é".repeat(length / 2)),
  )
  .filter((text) => !text.startsWith("\ufeff") && !/\p{Surrogate}/u.test(text));

const wireNumber = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1),
);

/** Any value of the wire within the codec's depth. */
export const wireValue: fc.Arbitrary<Wire> = fc.letrec<{ value: Wire; leaf: Wire; list: Wire }>(
  (tie) => ({
    leaf: fc.oneof(
      wireNumber,
      fc.boolean(),
      wireText,
      bytes(0, 40),
      fc.bigInt(0n, AMOUNT_MAX).map(encodeUint),
    ),
    list: fc.array(tie("value"), { maxLength: 20 }) as fc.Arbitrary<Wire>,
    value: fc.oneof(
      { maxDepth: CODEC_DEPTH_MAX - 1, depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      tie("list"),
    ),
  }),
).value;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The codec read off spec §1.2, value by value: decode whatever msgpack has, then refuse what the
 * subset has not. Slow, and by another route than the scan.
 */
export function decodeSlowly(data: Uint8Array): Wire | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 0;
  let itemCount = 0;
  const fail = (): never => {
    throw new RangeError("not of the subset");
  };
  const unsigned = (width: 1 | 2 | 4, least: number): number => {
    const read = { 1: "getUint8", 2: "getUint16", 4: "getUint32" } as const;
    const value = view[read[width]](at);
    at += width;
    return value >= least ? value : fail();
  };
  const take = (length: number): Uint8Array => {
    if (at + length > data.length) fail();
    at += length;
    return data.slice(at - length, at);
  };
  const text = (length: number): string => {
    const value = utf8.decode(take(length));
    return value.startsWith("\ufeff") ? fail() : value;
  };
  const list = (count: number, depth: number): Wire[] => {
    if (depth > CODEC_DEPTH_MAX || count > data.length - at) fail();
    return Array.from({ length: count }, () => read(depth));
  };
  const read = (depth: number): Wire => {
    itemCount += 1;
    if (itemCount > CODEC_ITEMS_MAX) fail();
    const tag = unsigned(1, 0);
    if (tag < 0x80) return tag;
    if (tag >= 0x90 && tag < 0xa0) return list(tag - 0x90, depth + 1);
    if (tag >= 0xa0 && tag < 0xc0) return text(tag - 0xa0);
    switch (tag) {
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return take(unsigned(1, 0));
      case 0xc5:
        return take(unsigned(2, 2 ** 8));
      case 0xc6:
        return take(unsigned(4, 2 ** 16));
      case 0xcc:
        return unsigned(1, 2 ** 7);
      case 0xcd:
        return unsigned(2, 2 ** 8);
      case 0xce:
        return unsigned(4, 2 ** 16);
      case 0xd9:
        return text(unsigned(1, 2 ** 5));
      case 0xda:
        return text(unsigned(2, 2 ** 8));
      case 0xdb:
        return text(unsigned(4, 2 ** 16));
      case 0xdc:
        return list(unsigned(2, 2 ** 4), depth + 1);
      case 0xdd:
        return list(unsigned(4, 2 ** 16), depth + 1);
      default:
        return fail();
    }
  };
  try {
    const value = read(0);
    return at === data.length ? value : undefined;
  } catch (error) {
    // A DataView beyond its end and a fatal TextDecoder throw as well; anything else is a mistake.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}
