/** What one pass finds out about a column's cells, to decide what its metric is. */

import { TEXT_BYTES_MAX } from "../../spec/limits.ts";
import { type CellCount, CellCounts, type CellPlace } from "./notes.ts";
import { type NullWords, readNumberForm, scanNumber, scanned } from "./scan-number.ts";
import { findUnitSign } from "./units.ts";

/** Digits after the mark that are counted one by one; more are as many as these. */
const PLACES_MAX = 24;

export type CellKind =
  | "word"
  | "number"
  | "leading_zero"
  | "exponent"
  | "thousands"
  | "space"
  | "other_minus"
  | "letter"
  | "boolean"
  | "other_mark"
  | "sentinel"
  | "long_text";

/** Collects, cell by cell. Made for speed: most cells are plain numbers. */
export class ColumnStats {
  readonly #nullWords: NullWords;
  readonly decimal: "." | ",";
  readonly #mark: number;
  readonly #counts = new CellCounts<CellKind>();
  /** Cells by the digits after the mark that they need. */
  readonly #places = new Uint32Array(PLACES_MAX + 1);
  /** By the digits after the mark that are written: whether there are any, and with a zero last. */
  #writtenBits = 0;
  #zeroBits = 0;
  readonly nullWords = new CellCounts<string>();
  readonly units = new CellCounts<string>();
  emptyCount = 0;
  numberCount = 0;
  /** The most digits after the mark that a cell has. */
  written = 0;
  /** Roughly the largest magnitude. */
  magnitude = 0;
  largest: CellPlace | undefined;
  /** A cell that needs more digits after the mark than those before it. */
  deepest: CellPlace | undefined;
  #deepest = 0;
  /** Whether a cell is a number with this decimal mark only. */
  isMarkSure = false;
  /** A cell such as `1.250`, with three decimals that the other mark would make thousands. */
  threePlaces: CellPlace | undefined;
  /** A cell such as `1,250`, with thousands that the other mark would make decimals. */
  grouped: CellPlace | undefined;

  constructor(decimal: "." | ",", nullWords: NullWords) {
    this.decimal = decimal;
    this.#mark = decimal.charCodeAt(0);
    this.#nullWords = nullWords;
  }

  add(cell: string, line: number): void {
    if (cell === "") {
      this.emptyCount += 1;
      return;
    }
    // A null of an option may be a number, such as -999.
    if (this.#nullWords.has(cell, this.#mark)) this.nullWords.add(cell, cell, line);
    else if (scanNumber(cell, this.#mark)) this.#addNumber(cell, line);
    else this.#addOther(cell, line);
  }

  #addNumber(cell: string, line: number): void {
    this.numberCount += 1;
    const { written, needed, magnitude } = scanned;
    this.#places[needed < PLACES_MAX ? needed : PLACES_MAX]!++;
    if (written > 0 && !this.isMarkSure) this.#seeMark(cell, line);
    if (written > 0 && !scanned.hasExponent) {
      const bit = 1 << (written < 31 ? written : 31);
      this.#writtenBits |= bit;
      if (needed < written) this.#zeroBits |= bit;
      if (written > this.written) this.written = written;
    }
    if (needed > this.#deepest) {
      this.#deepest = needed;
      this.deepest = { cell, line };
    }
    if (magnitude > this.magnitude) {
      this.magnitude = magnitude;
      this.largest = { cell, line };
    }
    if (magnitude >= 999 && isSentinel(cell)) this.#counts.add("sentinel", cell, line);
    if (scanned.hasExponent) this.#counts.add("exponent", cell, line);
    if (scanned.hasLeadingZero) this.#counts.add("leading_zero", cell, line);
  }

  #seeMark(cell: string, line: number): void {
    const { written, magnitude, hasExponent, hasLeadingZero } = scanned;
    const isGroup = written === 3 && magnitude >= 1 && magnitude < 1_000;
    if (!isGroup || hasExponent || hasLeadingZero) this.isMarkSure = true;
    else this.threePlaces ??= { cell, line };
  }

  /** Separators of thousands, unless they are spaces, tell the mark as well; one group does not. */
  #seeThousands(cell: string, line: number): void {
    if (this.isMarkSure || !/[.,]/.test(cell)) return;
    const other = this.decimal === "." ? "," : ".";
    if (readNumberForm(cell, other, findUnitSign) === undefined) this.isMarkSure = true;
    else this.grouped ??= { cell, line };
  }

  #addOther(cell: string, line: number): void {
    const trimmed = cell.trim();
    if (trimmed === "") {
      this.emptyCount += 1;
      return;
    }
    if (this.#nullWords.has(trimmed, this.#mark)) {
      this.nullWords.add(trimmed, trimmed, line);
      return;
    }
    const form = readNumberForm(cell, this.decimal, findUnitSign);
    if (form !== undefined) {
      scanNumber(form.plain, 46);
      this.#addNumber(cell, line);
      if (form.hasThousands) {
        this.#counts.add("thousands", cell, line);
        this.#seeThousands(cell, line);
      }
      if (form.hasSpace) this.#counts.add("space", cell, line);
      if (form.hasOtherMinus) this.#counts.add("other_minus", cell, line);
      if (form.unit !== undefined) {
        this.units.add(form.unit, cell, line);
        // 12A may as well be the name of a flat.
        if (/\d\p{L}$/u.test(trimmed)) this.#counts.add("letter", cell, line);
      }
      return;
    }
    const other = this.decimal === "." ? "," : ".";
    if (readNumberForm(cell, other, findUnitSign) !== undefined) {
      this.#counts.add("other_mark", cell, line);
      return;
    }
    if (/^(true|false)$/i.test(trimmed)) this.#counts.add("boolean", cell, line);
    this.#counts.add("word", cell, line);
    if (cell.length * 3 > TEXT_BYTES_MAX && Buffer.byteLength(cell, "utf8") > TEXT_BYTES_MAX) {
      this.#counts.add("long_text", cell, line);
    }
  }

  get(kind: CellKind): CellCount | undefined {
    return this.#counts.get(kind);
  }

  /** Null cells: empty ones and null words. */
  get nullCount(): number {
    let count = this.emptyCount;
    for (const word of this.nullWords.values()) count += word.count;
    return count;
  }

  /** Cells that are no number, of those that are not null. */
  get wordCount(): number {
    return (this.get("word")?.count ?? 0) + (this.get("other_mark")?.count ?? 0);
  }

  /** Whether more cells are numbers, with either mark, than are not. */
  get isMostlyNumbers(): boolean {
    const others = this.get("other_mark")?.count ?? 0;
    return this.numberCount + others > (this.get("word")?.count ?? 0);
  }

  /** The most digits after the mark that any cell needs. */
  get neededPlaces(): number {
    let most = PLACES_MAX;
    while (most > 0 && this.#places[most] === 0) most -= 1;
    return most;
  }

  /** Cells that need more digits after the mark than a scale has. */
  countRounded(scale: number): number {
    let count = 0;
    for (let places = scale + 1; places <= PLACES_MAX; places++) count += this.#places[places] ?? 0;
    return count;
  }

  /**
   * Whether zeros at the end mean something: `1.10` beside `1.9` is a version, since a number of
   * fixed places would be `1.90`, and one of few places `1.1`.
   */
  get hasTellingZeros(): boolean {
    for (let places = 2; places <= 31; places++) {
      const isLess = (this.#writtenBits & ((1 << places) - 2)) !== 0;
      if ((this.#zeroBits & (1 << places)) !== 0 && isLess) return true;
    }
    return false;
  }
}

const isSentinel = (cell: string): boolean => /^-9{3,5}(?:[.,]0*)?$/.test(cell);
