/**
 * The column format (spec §3.3) read slowly and obviously: a string of "0" and "1", exact bigint
 * arithmetic, an exception for every malformation. The oracle of `decodeColumns`.
 */
import type { MetricKind } from "../../spec/readings.ts";

export type Cell = number | string | null;
export interface DecodedCells {
  /** One list a column, one cell a reading. */
  readonly columns: Cell[][];
  readonly byteCount: number;
}

class Malformed extends Error {}

const VALUE_MAX = 2n ** 49n;
const PRODUCT_MAX = 2n ** 52n;

/** `undefined` for malformed bytes, as `decodeColumns`. */
export function decodeCells(
  bytes: Uint8Array,
  kinds: readonly MetricKind[],
  count: number,
): DecodedCells | undefined {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let at = 0;
  const take = (width: number): string => {
    require(at + width <= bits.length);
    at += width;
    return bits.slice(at - width, at);
  };
  try {
    const columns = kinds.map((kind) => decodeColumn(take, kind, count));
    const byteCount = Math.ceil(at / 8);
    require(!bits.slice(at, byteCount * 8).includes("1"));
    return { columns, byteCount };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

type Take = (width: number) => string;

function require(condition: boolean): void {
  if (!condition) throw new Malformed();
}

const toBig = (bits: string): bigint => (bits === "" ? 0n : BigInt(`0b${bits}`));

function takeNumber(take: Take): bigint {
  const width = Number(toBig(take(6)));
  require(width <= 53);
  const bits = take(width);
  require(!bits.startsWith("0"));
  return toBig(bits);
}

const unzigzag = (value: bigint): bigint => (value % 2n === 0n ? value / 2n : -(value + 1n) / 2n);

function takeRice(take: Take, k: number): bigint {
  for (let quotient = 0n; quotient < 24n; quotient++) {
    if (take(1) === "0") return (quotient << BigInt(k)) + toBig(take(k));
  }
  return toBig(take(53));
}

function decodeColumn(take: Take, kind: MetricKind, count: number): Cell[] {
  let present = "1".repeat(count);
  if (take(1) === "1") {
    present = take(count);
    require(present.includes("0"));
  }
  const presentCount = [...present].filter((bit) => bit === "1").length;
  if (presentCount === 0) return Array.from({ length: count }, () => null);
  const texts = kind === "text" ? takeDictionary(take, presentCount) : undefined;
  const values = takeSeries(take, presentCount).map((value): Cell => {
    if (texts === undefined) return Number(value);
    const text = texts[Number(value)];
    require(text !== undefined);
    return text!;
  });
  return [...present].map((bit) => (bit === "1" ? values.shift()! : null));
}

function takeDictionary(take: Take, presentCount: number): string[] {
  const entryCount = takeNumber(take);
  require(entryCount >= 1n && entryCount <= BigInt(Math.min(presentCount, 4_096)));
  const texts: string[] = [];
  for (let i = 0n; i < entryCount; i++) {
    const byteCount = Number(toBig(take(8)));
    require(byteCount <= 200);
    const bytes = Buffer.from(Array.from({ length: byteCount }, () => Number(toBig(take(8)))));
    const text = bytes.toString("utf8"); // Replaces what is no UTF-8, so that it differs below.
    require(Buffer.from(text, "utf8").equals(bytes) && !texts.includes(text));
    texts.push(text);
  }
  return texts;
}

function takeSeries(take: Take, count: number): bigint[] {
  const predictor = take(2);
  if (predictor === "11") {
    const base = unzigzag(takeNumber(take));
    const step = count > 1 ? unzigzag(takeNumber(take)) : 0n;
    return inRange(
      Array.from({ length: count }, (_, i) => base + BigInt(i) * step),
      VALUE_MAX,
    );
  }
  const k = Number(toBig(take(6)));
  require(k <= 50);
  const grid = take(1) === "1" ? takeGrid(take) : undefined;
  const base = unzigzag(takeNumber(take));
  const points = [base];
  if (predictor === "00") {
    points.pop();
    for (let i = 0; i < count; i++) points.push(base + takeRice(take, k));
    // A base below the range is refused even if no value is that low.
    inRange([base], VALUE_MAX);
  } else {
    let delta = 0n;
    for (let i = 1; i < count; i++) {
      delta = (predictor === "01" ? 0n : delta) + unzigzag(takeRice(take, k));
      points.push(points[i - 1]! + delta);
    }
  }
  inRange(points, VALUE_MAX);
  if (grid === undefined) return points;
  const { numerator, denominator, offset } = grid;
  inRange(
    [base, ...points].map((point) => point * numerator),
    PRODUCT_MAX,
  );
  const values = points.map((point) => floorDivide(point * numerator + offset, denominator));
  return inRange(values, VALUE_MAX);
}

function takeGrid(take: Take) {
  const [numerator, denominator, offset] = [takeNumber(take), takeNumber(take), takeNumber(take)];
  require(numerator <= 2n * VALUE_MAX && denominator >= 1n);
  require(denominator < numerator && offset < numerator);
  return { numerator, denominator, offset };
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

function inRange(values: bigint[], bound: bigint): bigint[] {
  for (const value of values) require(value <= bound && value >= -bound);
  return values;
}
