import { METRIC_VALUE_MAX } from "./limits.ts";
import type { Column, MetricKind } from "./readings.ts";
import { decodeText, encodeText } from "./texts.ts";

/** Bytes of salt in front of each leaf: without them a reading could be guessed from its hash. */
export const LEAF_SALT_BYTES = 16;
/** First byte of an absent value; lengths of integers and texts never reach it. */
const FIELD_NULL = 0xff;
/** Length byte and seven bytes: magnitudes up to 2^49 need no more. */
const INTEGER_FIELD_BYTES_MAX = 8;

/** Leaves in the form `Crypto.merkleRoot` takes: leaf `i` is `offsets[i] .. offsets[i + 1]`. */
export interface Leaves {
  readonly leaves: Uint8Array;
  readonly offsets: Uint32Array;
}

/** One reading as it was committed to. */
export interface LeafReading {
  readonly salt: Uint8Array;
  readonly timeSec: number;
  /** One value a metric of the group, in the stream's order; null where absent. */
  readonly values: (number | string | null)[];
}

/**
 * An upper bound of the bytes that `encodeLeaves` will make, cheap to compute: texts are counted
 * exactly, integers at 8 bytes. A text costs a few bits in a batch and up to 201 bytes in every
 * leaf, so whoever hashes leaves for others bounds this first.
 */
export function computeLeafBytesMax(columns: readonly Column[], count: number): number {
  let byteCount = count * (LEAF_SALT_BYTES + INTEGER_FIELD_BYTES_MAX);
  for (const column of columns) {
    byteCount += measureColumn(column, column.dictionary?.map(encodeTextField), count);
  }
  return byteCount;
}

/**
 * All leaves of a batch (spec §3.5): salt ‖ time ‖ one field a metric, reading by reading.
 *
 * @param salts 16 bytes a reading, concatenated.
 * @param times Unix seconds, one a reading.
 * @throws RangeError on salts or columns of another length, on values that are not integers of
 * magnitude up to 2^49, and on indices outside the dictionary; nothing that `decodeColumns` gives.
 */
export function encodeLeaves(
  salts: Uint8Array,
  times: Float64Array,
  columns: readonly Column[],
): Leaves {
  const count = times.length;
  if (salts.length !== count * LEAF_SALT_BYTES) throw new RangeError("not one salt a reading");
  // Columns of arrays instead of an array of columns: the loop below is the hot path.
  const texts = columns.map((column) => column.dictionary?.map(encodeTextField));
  const values = columns.map((column) => column.values);
  const presents = columns.map((column) => column.present);
  let byteCount = count * (LEAF_SALT_BYTES + INTEGER_FIELD_BYTES_MAX);
  columns.forEach((column, c) => {
    if (column.values.length !== count) throw new RangeError("columns differ in length");
    byteCount += measureColumn(column, texts[c], count);
  });

  const leaves = new Uint8Array(byteCount);
  const offsets = new Uint32Array(count + 1);
  const columnCount = columns.length;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const salt = i * LEAF_SALT_BYTES;
    for (let j = 0; j < LEAF_SALT_BYTES; j++) leaves[at + j] = salts[salt + j]!;
    at = writeInteger(leaves, at + LEAF_SALT_BYTES, times[i]!);
    for (let c = 0; c < columnCount; c++) {
      const present = presents[c];
      if (present !== undefined && present[i] === 0) {
        leaves[at++] = FIELD_NULL;
        continue;
      }
      const value = values[c]![i]!;
      const dictionary = texts[c];
      if (dictionary === undefined) {
        at = writeInteger(leaves, at, value);
      } else {
        const field = dictionary[value]!;
        leaves.set(field, at);
        at += field.length;
      }
    }
    offsets[i + 1] = at;
  }
  return { leaves: leaves.subarray(0, at), offsets };
}

/**
 * One leaf, for one reading: the slow and obvious twin of `encodeLeaves`.
 *
 * @throws RangeError on a salt of other than 16 bytes, on values that are not integers of magnitude
 * up to 2^49, and on texts that are ill-formed or longer than 200 bytes.
 *
 * @example
 * encodeLeaf(salt, 1_640_995_200, [711, null, "Clear"]);
 */
export function encodeLeaf(
  salt: Uint8Array,
  timeSec: number,
  values: readonly (number | string | null)[],
): Uint8Array {
  if (salt.length !== LEAF_SALT_BYTES) throw new RangeError("a salt has 16 bytes");
  const fields = [timeSec, ...values].map((value) => {
    if (value === null) return Uint8Array.of(FIELD_NULL);
    if (typeof value === "string") return encodeTextField(value);
    const field = new Uint8Array(INTEGER_FIELD_BYTES_MAX);
    return field.subarray(0, writeInteger(field, 0, value));
  });
  const leaf = new Uint8Array(fields.reduce((sum, field) => sum + field.length, salt.length));
  leaf.set(salt);
  let at = salt.length;
  for (const field of fields) {
    leaf.set(field, at);
    at += field.length;
  }
  return leaf;
}

/**
 * The reading in a leaf, or `undefined` when the bytes are not exactly one leaf of those kinds:
 * integers minimal, texts UTF-8, nothing after. The time is an integer and never null.
 */
export function decodeLeaf(
  leaf: Uint8Array,
  kinds: readonly MetricKind[],
): LeafReading | undefined {
  const fields: (number | string | null)[] = [];
  let at = LEAF_SALT_BYTES;
  for (const kind of ["integer" as const, ...kinds]) {
    const head = leaf[at];
    if (head === undefined) return undefined;
    const end = head === FIELD_NULL ? at + 1 : at + 1 + head;
    if (end > leaf.length) return undefined;
    const body = leaf.subarray(at + 1, end);
    const value =
      head === FIELD_NULL ? null : kind === "text" ? decodeText(body) : decodeInteger(body);
    if (value === undefined) return undefined;
    fields.push(value);
    at = end;
  }
  const [timeSec, ...values] = fields;
  if (typeof timeSec !== "number" || at !== leaf.length) return undefined;
  return { salt: leaf.slice(0, LEAF_SALT_BYTES), timeSec, values };
}

function measureColumn(
  column: Column,
  texts: readonly Uint8Array[] | undefined,
  count: number,
): number {
  if (texts === undefined) return count * INTEGER_FIELD_BYTES_MAX;
  let byteCount = 0;
  for (let i = 0; i < count; i++) {
    if (column.present !== undefined && column.present[i] === 0) {
      byteCount += 1;
      continue;
    }
    const text = texts[column.values[i]!];
    if (text === undefined) throw new RangeError(`no text ${column.values[i]}`);
    byteCount += text.length;
  }
  return byteCount;
}

/** Length byte, then minimal two's complement, big endian. Returns the offset after it. */
function writeInteger(target: Uint8Array, offset: number, value: number): number {
  const narrow = value | 0;
  if (value !== narrow) return writeWideInteger(target, offset, value);
  // The sign's complement has as many leading zeros as the value has leading sign bits.
  const width = (40 - Math.clz32(narrow ^ (narrow >> 31))) >>> 3;
  target[offset] = width;
  // Written out, since a loop over one to four bytes takes twice as long.
  if (width > 2) {
    if (width > 3) target[offset + width - 3] = narrow >> 24;
    target[offset + width - 2] = narrow >> 16;
  }
  if (width > 1) target[offset + width - 1] = narrow >> 8;
  target[offset + width] = narrow;
  return offset + 1 + width;
}

/** Values beyond 32 bits: five to seven bytes. */
function writeWideInteger(target: Uint8Array, offset: number, value: number): number {
  if (!Number.isInteger(value) || Math.abs(value) > METRIC_VALUE_MAX) {
    throw new RangeError(`not a stored value: ${value}`);
  }
  let width = 5;
  while (value < -(2 ** (8 * width - 1)) || value >= 2 ** (8 * width - 1)) width++;
  target[offset] = width;
  for (let i = width, rest = value; i > 0; i--) {
    const next = Math.floor(rest / 256);
    target[offset + i] = rest - next * 256;
    rest = next;
  }
  return offset + 1 + width;
}

function decodeInteger(body: Uint8Array): number | undefined {
  if (body.length < 1 || body.length > 7) return undefined;
  let value = body[0]! >= 0x80 ? -1 : 0;
  // A first byte of nothing but sign bits, in front of a bit that is the sign as well, says nothing.
  const isPadded =
    body.length > 1 && body[0] === (value & 0xff) && (body[1]! & 0x80) === (value & 0x80);
  for (const byte of body) value = value * 256 + byte;
  return isPadded || Math.abs(value) > METRIC_VALUE_MAX ? undefined : value;
}

function encodeTextField(text: string): Uint8Array {
  const bytes = encodeText(text);
  const field = new Uint8Array(1 + bytes.length);
  field[0] = bytes.length;
  field.set(bytes, 1);
  return field;
}
