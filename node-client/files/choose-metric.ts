/** What a column's metric is: by options, else by what a pass has found in its cells. */
import { METRIC_VALUE_MAX, SCALE_MAX, TEXT_BYTES_MAX } from "../../spec/limits.ts";
import { countOf } from "../count-of.ts";
import type { CellKind, ColumnStats } from "./column-stats.ts";
import { DataFileError, quote, showWord } from "./data-file-error.ts";
import { type CellPlace, type Note, noteCells } from "./notes.ts";

/** A column with its name, and what options say of it. */
interface NamedColumn {
  readonly file: string;
  readonly name: string;
  readonly stats: ColumnStats;
  readonly isText: boolean;
  readonly scale: number | undefined;
  readonly scaleDefault: number | undefined;
  readonly isPicked: boolean;
  /** Whether an option says the decimal mark of the file. */
  readonly isMarkSaid: boolean;
}

/** How the cells of a column are read. */
export interface ColumnPlan {
  readonly kind: "integer" | "text";
  readonly scale: number;
  /** The unit that stands in the cells. */
  readonly unit: string | undefined;
  /** Text that is kept whatever it is: not even null words are null. */
  readonly isExact: boolean;
  /** Why no new stream can be declared with it; one that exists may have declared how it is read. */
  readonly refusal?: DataFileError;
}

/** Where a double's tail would need more, so many are kept. */
const TAIL_SCALE = 9;

/** As `chooseMetric` does, but with its refusal in the plan, for whoever declares a stream by it. */
export function planMetric(column: NamedColumn, notes: Note[]): ColumnPlan | undefined {
  try {
    return chooseMetric(column, notes);
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    const isNumber = column.scale !== undefined && !column.isText;
    return { ...(isNumber ? integer(column.scale ?? 0) : text(column.isText)), refusal: error };
  }
}

/**
 * Decides; `undefined` for a column that is empty in every row, of which nobody knows what it is.
 *
 * @throws DataFileError for a column that is almost numbers, or whose numbers do not fit.
 */
function chooseMetric(column: NamedColumn, notes: Note[]): ColumnPlan | undefined {
  const { stats, scale, scaleDefault, isText, name } = column;
  if (isText) return requireFit(column, text(true));
  if (stats.numberCount + stats.wordCount === 0 && scale === undefined) {
    return column.isPicked ? integer(scaleDefault ?? 0) : undefined;
  }
  if (scale !== undefined) {
    requireNumbers(column);
    notes.push(...noteKind(column, "boolean", "True and False were read as 1 and 0."));
    return finishNumbers(column, scale, notes);
  }
  if (stats.wordCount > 0) return chooseForWords(column, notes);
  const asNumber = `--scale ${showWord(name)}=N makes it a number.`;
  const zeros = noteKind(column, "leading_zero", `Zeros in front make it text; ${asNumber}`);
  if (zeros.length === 0 && stats.hasTellingZeros && scaleDefault === undefined) {
    const what = `Zeros at the end that others have not make it text; ${asNumber}`;
    zeros.push(noteCells("telling_zeros", what, { ...stats.largest }, name));
  }
  notes.push(...zeros);
  return zeros.length > 0
    ? requireFit(column, text(false))
    : finishNumbers(column, scaleDefault ?? chooseScale(stats), notes);
}

const text = (isExact: boolean): ColumnPlan => ({
  kind: "text",
  scale: 0,
  unit: undefined,
  isExact,
});
const integer = (scale: number, unit?: string): ColumnPlan => ({
  ...{ kind: "integer", scale, isExact: false },
  unit,
});

/** The cells' own digits, as far as the protocol and the largest value allow it. */
function chooseScale(stats: ColumnStats): number {
  const needed = stats.neededPlaces;
  let scale =
    needed > SCALE_MAX ? TAIL_SCALE : Math.max(needed, Math.min(stats.written, SCALE_MAX));
  if (needed <= SCALE_MAX && stats.written > SCALE_MAX) scale = needed;
  while (scale > 0 && stats.magnitude * 10 ** scale > METRIC_VALUE_MAX * 0.99) scale -= 1;
  return scale;
}

function chooseForWords(column: NamedColumn, notes: Note[]): ColumnPlan {
  const { stats, name } = column;
  const { numberCount } = stats;
  const marked = stats.get("other_mark");
  const word = stats.get("word") ?? marked;
  // Whoever says the mark of the file has said that a column of the other one is not of numbers.
  const isSaid = column.isMarkSaid && numberCount === 0;
  if (word !== undefined && stats.isMostlyNumbers && !isSaid) {
    if (marked !== undefined && (word === marked || numberCount <= marked.count)) {
      throw refuseMark(column, marked);
    }
    const others = `${countOf(numberCount, "other")} ${numberCount === 1 ? "is" : "are"}`;
    const whatToDo =
      `Correct or empty the cell, have it read as no value with --null ${showWord(word.cell.trim())}, ` +
      `or take the column as text with --text ${showWord(name)}.`;
    throw refuse(column, word, `This is not a decimal number, as ${others}.`, whatToDo);
  }
  if (stats.get("boolean")?.count === stats.wordCount && numberCount === 0) {
    const what = `True and False are text; --scale ${showWord(name)}=0 reads them as 1 and 0.`;
    notes.push(...noteKind(column, "boolean", what));
  }
  if (marked !== undefined) {
    const what = "As numbers these would have the other decimal mark; --decimal says which it is.";
    notes.push(noteCells("other_mark_in_text", what, marked, name));
  }
  if (numberCount > 0) {
    const what = numberCount === 1 ? "1 cell is a number" : `${numberCount} cells are numbers`;
    const text = `${what} in a column of text.`;
    const example = stats.largest?.cell;
    notes.push({ kind: "numbers_in_text", column: name, text, count: numberCount, example });
  }
  return requireFit(column, text(false));
}

function finishNumbers(column: NamedColumn, scale: number, notes: Note[]): ColumnPlan {
  requireRange(column, scale);
  const name = showWord(column.name);
  const rounded = `Rounded to ${scale} decimals; --scale ${name}=N says otherwise.`;
  const exponent = `Cells with an exponent are numbers; --text ${name} keeps them as they are.`;
  const sentinel = "This may stand where there is no value; --null leaves such cells out.";
  notes.push(
    ...noteRounded(column, scale, rounded),
    ...noteKind(column, "exponent", exponent),
    ...noteKind(column, "sentinel", sentinel),
    ...noteKind(column, "thousands", "Separators of thousands were left out."),
    ...noteKind(column, "other_minus", "Minus signs of typesetters were read as minus."),
    ...noteKind(column, "space", "Spaces around numbers were left out."),
  );
  return integer(scale, findCellUnit(column, notes));
}

function findCellUnit(column: NamedColumn, notes: Note[]): string | undefined {
  const { stats } = column;
  const name = showWord(column.name);
  const [first, second] = [...stats.units];
  if (first === undefined) return undefined;
  const [unit, cells] = first;
  if (second !== undefined) {
    const problem = `The cells have the units ${unit} and ${second[0]}.`;
    const whatToDo = `Give one unit a column, or take it as text with --text ${name}.`;
    throw refuse(column, second[1], problem, whatToDo);
  }
  const letter = stats.get("letter");
  const isMixed = cells.count < stats.numberCount && stats.written === 0;
  if (letter !== undefined && isMixed && column.scale === undefined) {
    const problem = `This is ${letter.cell.trim()} by name, or a number in ${unit}: other cells have no unit.`;
    const whatToDo = `Take the column as text with --text ${name}, or as numbers with --scale ${name}=0.`;
    throw refuse(column, letter, problem, whatToDo);
  }
  const what = `The unit ${unit} stands in the cells.`;
  notes.push(noteCells("unit_in_cells", what, cells, column.name));
  return unit;
}

function requireFit(column: NamedColumn, plan: ColumnPlan): ColumnPlan {
  const long = column.stats.get("long_text");
  if (long === undefined) return plan;
  throw refuseLongText({ ...long, file: column.file, column: column.name });
}

export function refuseLongText(
  place: CellPlace & { readonly file: string; readonly column: string },
): DataFileError {
  const byteCount = Buffer.byteLength(place.cell, "utf8");
  return new DataFileError(place, `The text has ${byteCount} bytes.`, {
    whatToDo: `Shorten it to ${TEXT_BYTES_MAX} bytes, or leave the column out with --columns.`,
  });
}

/** Numbers of the other mark than the file's are neither text nor numbers by themselves. */
function refuseMark(column: NamedColumn, marked: CellPlace): DataFileError {
  const { decimal } = column.stats;
  const mark = decimal === "." ? "," : ".";
  const problem = `This has the decimal mark ${mark}, and the file's is ${decimal}.`;
  const whatToDo =
    `Say --decimal ${mark} if all numbers have it, correct the cells, or take the column as ` +
    `text with --text ${showWord(column.name)}.`;
  return refuse(column, marked, problem, whatToDo);
}

function requireNumbers(column: NamedColumn): void {
  const { stats } = column;
  const word = stats.get("word") ?? stats.get("other_mark");
  if (word === undefined || stats.wordCount === (stats.get("boolean")?.count ?? 0)) return;
  const isBoolean = /^(true|false)$/i.test(word.cell.trim());
  const problem = "This is not a decimal number, but the column has a scale.";
  const whatToDo =
    "Correct or empty the cell, have it read as no value with --null, or give no --scale to " +
    "have the column read as text.";
  throw refuse(column, isBoolean ? undefined : word, problem, whatToDo);
}

function requireRange(column: NamedColumn, scale: number): void {
  const { stats } = column;
  if (stats.largest === undefined || stats.magnitude * 10 ** scale <= METRIC_VALUE_MAX) return;
  const name = showWord(column.name);
  const problem = `At ${scale} decimals the number is beyond ±${METRIC_VALUE_MAX}.`;
  const asText = `take the column as text with --text ${name}`;
  const whatToDo =
    scale > 0
      ? `Lower the scale: --scale ${name}=N with N below ${scale}; or ${asText}.`
      : `If it is an identifier, ${asText}; else give the metric in a larger unit.`;
  throw refuse(column, stats.largest, problem, whatToDo);
}

const refuse = (
  { file, name: column }: NamedColumn,
  at: CellPlace | undefined,
  problem: string,
  whatToDo: string,
): DataFileError =>
  new DataFileError({ file, column, line: at?.line, cell: at?.cell }, problem, { whatToDo });

/** The note of a column's cells of one kind, where there are any. */
export function noteKind(
  { name, stats }: Pick<NamedColumn, "name" | "stats">,
  kind: CellKind,
  text: string,
): Note[] {
  const cells = stats.get(kind);
  return cells === undefined ? [] : [noteCells(kind, text, cells, name)];
}

/** The note of a column's cells that lose digits to a scale, where there are any. */
export function noteRounded(
  { name, stats }: Pick<NamedColumn, "name" | "stats">,
  scale: number,
  text: string,
): Note[] {
  const count = stats.countRounded(scale);
  return count === 0 ? [] : [noteCells("rounded", text, { ...stats.deepest, count }, name)];
}

export function noteNulls({ name: column, stats }: NamedColumn, plan: ColumnPlan): Note[] {
  if (plan.isExact) return [];
  return [...stats.nullWords].map(([word, { count, line }]) => ({
    kind: "null_word",
    text: `${quote(word)} was read as no value.`,
    ...{ column, count, example: word, line },
  }));
}
