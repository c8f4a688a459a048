import { hexToBytes } from "@noble/hashes/utils.js";
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import { AMOUNT_MAX, CODEC_DEPTH_MAX, CODEC_ITEMS_MAX } from "./limits.ts";
import { readBigEndian } from "./words.ts";

/** What the wire carries: a subset of msgpack without maps, floats, negatives, nil and extensions. */
export type Wire = number | boolean | string | Uint8Array | readonly Wire[];

// Plain msgpack: records would make the bytes depend on what was packed before.
const packr = new Packr({ useRecords: false, mapsAsObjects: false });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

/**
 * Packs a value canonically (spec §1.2). Integers above 2^32 − 1 must have been turned into
 * minimal big-endian bytes by `encodeUint`.
 */
export function encodeWire(value: Wire): Uint8Array {
  // A copy: msgpackr answers with a view into a buffer that it goes on writing to.
  return Uint8Array.from(packr.pack(value));
}

/** The wire form of an unsigned integer of up to 256 bits: msgpack below 2^32, bytes from there. */
export function encodeUint(value: bigint | number): Wire {
  // Most are small numbers: they need no bigint on their way.
  if (typeof value === "number" && value >>> 0 === value) return value >>> 0;
  const big = BigInt(value);
  if (big < 0n || big > AMOUNT_MAX) throw new RangeError(`not a uint256: ${value}`);
  if (big <= 0xffff_ffffn) return Number(big);
  const digits = big.toString(16);
  return hexToBytes(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** The integer of a wire value, or `undefined` where it is none or not in its canonical form. */
export function decodeUint(value: Wire | undefined): bigint | undefined {
  if (typeof value === "number") return BigInt(value);
  if (!(value instanceof Uint8Array)) return undefined;
  if (value.length < 5 || value.length > 32 || value[0] === 0) return undefined;
  return readBigEndian(value);
}

/**
 * Unpacks canonical bytes; `undefined` for anything else. One linear scan admits only what
 * `encodeWire` writes, so whatever passes re-encodes to the same bytes (a property test holds this).
 */
export function decodeWire(bytes: Uint8Array): Wire | undefined {
  return isCanonicalWire(bytes) ? (unpackr.unpack(bytes) as Wire) : undefined;
}

/** As `decodeWire`, of a value that any number of zero bytes may follow. */
export function decodePaddedWire(bytes: Uint8Array): Wire | undefined {
  const end = findWireEnd(bytes);
  for (let at = end; at >= 0 && at < bytes.length; at++) if (bytes[at] !== 0) return undefined;
  return end === -1 ? undefined : (unpackr.unpack(bytes.subarray(0, end)) as Wire);
}

export const isCanonicalWire = (bytes: Uint8Array): boolean =>
  findWireEnd(bytes) === bytes.length && bytes.length > 0;

/**
 * The scan: fixint, uint8/16/32, bin, UTF-8 str without a byte order mark in front, array and bool,
 * each in its shortest form, depth and item counts bounded, every length within the bytes that are
 * left. Where the value ends; −1 where there is none.
 */
function findWireEnd(bytes: Uint8Array): number {
  const end = bytes.length;
  /** Items still to come in each open array. */
  const open: number[] = [1];
  let itemCount = 0;
  let at = 0;
  while (open.length > 0) {
    const level = open.length - 1;
    if (open[level] === 0) {
      open.pop();
      continue;
    }
    open[level] = open[level]! - 1;
    if (at >= end || ++itemCount > CODEC_ITEMS_MAX) return -1;
    const tag = bytes[at++]!;
    if (tag <= 0x7f || tag === 0xc2 || tag === 0xc3) continue;

    const width = WIDTHS[tag] ?? -1;
    if (width === -1 || at + width > end) return -1;
    let value = tag & 0x1f;
    if (width > 0) {
      value = 0;
      for (let i = 0; i < width; i++) value = value * 256 + bytes[at + i]!;
      if (value < SHORTEST[tag]!) return -1;
      at += width;
    }
    if (tag >= 0xcc && tag <= 0xce) continue; // An integer: `value` was all of it.
    if (isArrayTag(tag)) {
      const count = width === 0 ? tag & 0x0f : value;
      if (count > end - at || open.length > CODEC_DEPTH_MAX) return -1;
      open.push(count);
      continue;
    }
    if (value > end - at) return -1;
    if (isStringTag(tag) && !isText(bytes, at, at + value)) return -1;
    at += value;
  }
  return at;
}

/** Bytes of the length or integer after a tag; −1 where the tag is not part of the subset. */
const WIDTHS = new Int8Array(256).fill(-1);
/** The least value that justifies the tag's width: anything below has a shorter form. */
const SHORTEST = new Float64Array(256);
for (let tag = 0x90; tag <= 0xbf; tag++) WIDTHS[tag] = 0; // fixarray, fixstr
for (const [tag, width, shortest] of [
  [0xc4, 1, 0], // bin8
  [0xc5, 2, 0x100],
  [0xc6, 4, 0x10000],
  [0xcc, 1, 0x80], // uint8
  [0xcd, 2, 0x100],
  [0xce, 4, 0x10000],
  [0xd9, 1, 0x20], // str8
  [0xda, 2, 0x100],
  [0xdb, 4, 0x10000],
  [0xdc, 2, 0x10], // array16
  [0xdd, 4, 0x10000],
] as const) {
  WIDTHS[tag] = width;
  SHORTEST[tag] = shortest;
}

const isArrayTag = (tag: number): boolean => tag >> 4 === 0x9 || tag === 0xdc || tag === 0xdd;
const isStringTag = (tag: number): boolean => tag >> 5 === 0x5 || (tag >= 0xd9 && tag <= 0xdb);

/** Strict UTF-8 that does not begin with U+FEFF: msgpackr strips that mark from longer strings. */
function isText(bytes: Uint8Array, from: number, to: number): boolean {
  const hasMark =
    to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
  return !hasMark && isUtf8(bytes, from, to);
}

/** Strict UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. */
function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const lead = bytes[at++]!;
    if (lead < 0x80) continue;
    const size = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead < 0xc2 || lead > 0xf4 || at + size > to) return false;
    const second = bytes[at]!;
    if (lead === 0xe0 && second < 0xa0) return false;
    if (lead === 0xed && second > 0x9f) return false;
    if (lead === 0xf0 && second < 0x90) return false;
    if (lead === 0xf4 && second > 0x8f) return false;
    for (let i = 0; i < size; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false;
    at += size;
  }
  return true;
}
