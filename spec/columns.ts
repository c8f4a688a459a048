import { BitReader, BitWriter } from "./bits.ts";
import { DICTIONARY_MAX, METRIC_VALUE_MAX, TEXT_BYTES_MAX } from "./limits.ts";
import type { Column, MetricKind } from "./readings.ts";
import { decodeSeries, writeSeries } from "./series.ts";
import { planSeries } from "./series-plan.ts";
import { decodeText, encodeText } from "./texts.ts";

export interface DecodedColumns {
  readonly columns: Column[];
  /** Bytes that the columns took; the caller refuses what it does not expect after them. */
  readonly byteCount: number;
}

/**
 * Packs the columns of a batch into one bit stream (spec §3.3), each in the cheapest way the format
 * has. Texts that no reading uses are left out and the rest is ordered by how often it is used, so
 * dictionaries come back in another order and with other indices, but every reading with its text.
 *
 * @param count readings, the length of every column.
 * @throws RangeError on columns that the format cannot carry: a wrong length, a value that is not
 * integer of magnitude up to 2^49, an index outside the dictionary, a text that is ill-formed, used
 * twice or longer than 200 bytes.
 *
 * @example
 * const bytes = encodeColumns([{ values: Float64Array.of(20, 21), present: undefined, dictionary: undefined }], 2);
 */
export function encodeColumns(columns: readonly Column[], count: number): Uint8Array {
  const writer = new BitWriter();
  for (const column of columns) writeColumn(writer, column, count);
  return writer.finish();
}

function writeColumn(writer: BitWriter, column: Column, count: number): void {
  const { present } = column;
  if (column.values.length !== count) throw new RangeError("columns differ in length");
  if (present !== undefined && present.length !== count) throw new RangeError("bitmap too short");
  const values = column.values.filter((_, i) => present === undefined || present[i] !== 0);
  const hasNulls = values.length < count;
  writer.writeBits(hasNulls ? 1 : 0, 1);
  if (hasNulls) for (const flag of present!) writer.writeBits(flag === 0 ? 0 : 1, 1);
  if (values.length === 0) return;
  for (const value of values) {
    const isFit = Number.isInteger(value) && Math.abs(value) <= METRIC_VALUE_MAX;
    if (!isFit) throw new RangeError(`not a stored value: ${value}`);
  }
  const series =
    column.dictionary === undefined ? values : writeDictionary(writer, column.dictionary, values);
  // Adding 0 turns −0 into 0.
  const plan = planSeries(series.map((value) => value + 0));
  writeSeries(writer, plan, series.length);
}

/** Writes the texts in use, the most frequent first, and returns the values as indices into them. */
function writeDictionary(
  writer: BitWriter,
  dictionary: readonly string[],
  values: Float64Array,
): Float64Array {
  const uses = new Uint32Array(dictionary.length);
  for (const value of values) {
    if (!(value >= 0 && value < dictionary.length)) throw new RangeError(`no text ${value}`);
    uses[value]! += 1;
  }
  // Small indices are short residuals. The sort is stable, so equal counts keep their order.
  const order = Array.from(uses.keys())
    .filter((index) => uses[index]! > 0)
    .sort((a, b) => uses[b]! - uses[a]!);
  if (order.length > DICTIONARY_MAX) throw new RangeError(`${order.length} distinct texts`);
  const rank = new Uint32Array(dictionary.length);
  const seen = new Set<string>();
  writer.writeNumber(order.length);
  order.forEach((index, i) => {
    const text = dictionary[index]!;
    if (seen.has(text)) throw new RangeError(`text twice in one dictionary: ${text}`);
    const bytes = encodeText(text);
    seen.add(text);
    rank[index] = i;
    writer.writeBits(bytes.length, 8);
    for (const byte of bytes) writer.writeBits(byte, 8);
  });
  return values.map((index) => rank[index]!);
}

/**
 * Unpacks `count` readings of columns of the given kinds from the front of `bytes`; `undefined` if
 * they are malformed. Never throws on any bytes, and allocates in proportion to count × kinds plus
 * the bytes, so the caller bounds `count`.
 *
 * @example
 * const decoded = decodeColumns(body, ["integer", "text"], 128);
 * if (decoded === undefined || decoded.byteCount !== body.length) return refuse("batch_malformed");
 */
export function decodeColumns(
  bytes: Uint8Array,
  kinds: readonly MetricKind[],
  count: number,
): DecodedColumns | undefined {
  const reader = new BitReader(bytes);
  const columns: Column[] = [];
  for (const kind of kinds) {
    const column = decodeColumn(reader, kind, count);
    if (column === undefined) return undefined;
    columns.push(column);
  }
  if (!reader.isPaddingZero()) return undefined;
  return { columns, byteCount: Math.ceil(reader.position / 8) };
}

function decodeColumn(reader: BitReader, kind: MetricKind, count: number): Column | undefined {
  const present = reader.readBits(1) === 1 ? decodePresence(reader, count) : undefined;
  if (reader.failed) return undefined;
  let presentCount = count;
  if (present !== undefined) {
    presentCount = 0;
    for (const flag of present) presentCount += flag;
    // One way to say that all are present: no bitmap.
    if (presentCount === count) return undefined;
  }
  const values = new Float64Array(count);
  const isText = kind === "text";
  let dictionary: string[] | undefined = isText ? [] : undefined;
  if (presentCount > 0) {
    if (isText) {
      dictionary = decodeDictionary(reader, presentCount);
      if (dictionary === undefined) return undefined;
    }
    decodeSeries(reader, values, presentCount);
    if (reader.failed) return undefined;
    if (dictionary !== undefined && !areIndices(values, presentCount, dictionary.length)) {
      return undefined;
    }
    if (present !== undefined) spread(values, present, presentCount);
  }
  return { values, present, dictionary };
}

function decodePresence(reader: BitReader, count: number): Uint8Array {
  const present = new Uint8Array(count);
  for (let i = 0; i < count; i++) present[i] = reader.readBits(1);
  return present;
}

function decodeDictionary(reader: BitReader, presentCount: number): string[] | undefined {
  const entryCount = reader.readNumber();
  if (entryCount < 1 || entryCount > Math.min(presentCount, DICTIONARY_MAX)) return undefined;
  const texts = new Set<string>();
  for (let i = 0; i < entryCount; i++) {
    const byteCount = reader.readBits(8);
    if (byteCount > TEXT_BYTES_MAX) return undefined;
    const bytes = new Uint8Array(byteCount);
    for (let j = 0; j < byteCount; j++) bytes[j] = reader.readBits(8);
    const text = decodeText(bytes);
    if (text === undefined || reader.failed) return undefined;
    texts.add(text);
  }
  return texts.size === entryCount ? [...texts] : undefined;
}

function areIndices(values: Float64Array, count: number, entryCount: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < 0 || value >= entryCount) return false;
  }
  return true;
}

/** Moves the first `presentCount` values to where the bitmap has them, from behind, in place. */
function spread(values: Float64Array, present: Uint8Array, presentCount: number): void {
  let from = presentCount;
  for (let i = values.length - 1; i >= 0; i--) values[i] = present[i] === 1 ? values[--from]! : 0;
}
