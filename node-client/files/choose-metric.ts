/** What a column's metric is: by options, else by what a pass has found in its cells. */
import { METRIC_VALUE_MAX, SCALE_MAX, TEXT_BYTES_MAX } from "../../spec/limits.ts";
import { countOf } from "../count-of.ts";
import type { CellPlace } from "./cell-counts.ts";
import type { ColumnStats } from "./column-stats.ts";
import { DataFileError, quote, showWord } from "./data-file-error.ts";
import type { Note } from "./data-table.ts";
import {
  type NamedColumn,
  refuseColumn,
  refuseMark,
  requireNumbers,
  requireRange,
} from "./refuse-column.ts";

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
  const { stats, scale, isText, name } = column;
  const boolean = stats.get("boolean");
  if (isText) return requireFit(column, text(true));
  if (stats.numberCount + stats.wordCount === 0 && scale === undefined) {
    if (!column.isPicked) return undefined;
    return integer(column.scaleDefault ?? 0);
  }
  if (scale !== undefined) {
    requireNumbers(column, boolean?.count ?? 0);
    if (boolean !== undefined) {
      note(notes, column, "boolean", boolean, "True and False were read as 1 and 0.");
    }
    return finishNumbers(column, scale, notes);
  }
  if (stats.wordCount > 0) return chooseForWords(column, notes);
  const zero = stats.get("leading_zero");
  const asNumber = `--scale ${showWord(name)}=N makes it a number.`;
  if (zero !== undefined) {
    note(notes, column, "leading_zero", zero, `Zeros in front make it text; ${asNumber}`);
    return requireFit(column, text(false));
  }
  if (stats.hasTellingZeros && column.scaleDefault === undefined) {
    const example = stats.largest;
    const what = `Zeros at the end that others have not make it text; ${asNumber}`;
    notes.push({
      kind: "telling_zeros",
      column: name,
      text: what,
      example: example?.cell,
      line: example?.line,
    });
    return requireFit(column, text(false));
  }
  return finishNumbers(column, column.scaleDefault ?? chooseScale(stats), notes);
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
  const word = stats.get("word") ?? stats.get("other_mark");
  const marked = stats.get("other_mark");
  // Whoever says the mark of the file has said that a column of the other one is not of numbers.
  const isSaid = column.isMarkSaid && stats.numberCount === 0;
  if (word !== undefined && stats.isMostlyNumbers && !isSaid) {
    if (marked !== undefined && (word === marked || stats.numberCount <= marked.count)) {
      throw refuseMark(column, marked);
    }
    const problem = `This is not a decimal number, as ${countOf(stats.numberCount, "other")} ${stats.numberCount === 1 ? "is" : "are"}.`;
    throw refuseColumn(column, word, problem, {
      whatToDo:
        `Correct or empty the cell, have it read as no value with --null ${showWord(word.cell.trim())}, ` +
        `or take the column as text with --text ${showWord(name)}.`,
    });
  }
  const boolean = stats.get("boolean");
  if (boolean !== undefined && boolean.count === stats.wordCount && stats.numberCount === 0) {
    const what = `True and False are text; --scale ${showWord(name)}=0 reads them as 1 and 0.`;
    note(notes, column, "boolean", boolean, what);
  }
  if (marked !== undefined) {
    const what = `As numbers these would have the other decimal mark; --decimal says which it is.`;
    note(notes, column, "other_mark_in_text", marked, what);
  }
  if (stats.numberCount > 0) {
    const count = stats.numberCount;
    const what = `${count === 1 ? "1 cell is a number" : `${count} cells are numbers`} in a column of text.`;
    notes.push({
      kind: "numbers_in_text",
      column: name,
      text: what,
      count,
      example: stats.largest?.cell,
    });
  }
  return requireFit(column, text(false));
}

function finishNumbers(column: NamedColumn, scale: number, notes: Note[]): ColumnPlan {
  const { stats, name } = column;
  requireRange(column, scale);
  const rounded = stats.countRounded(scale);
  if (rounded > 0) {
    const what = `Rounded to ${scale} decimals; --scale ${showWord(name)}=N says otherwise.`;
    const { cell: example, line } = stats.deepest ?? {};
    notes.push({ kind: "rounded", column: name, text: what, count: rounded, example, line });
  }
  const said: [Parameters<ColumnStats["get"]>[0], string][] = [
    [
      "exponent",
      `Cells with an exponent are numbers; --text ${showWord(name)} keeps them as they are.`,
    ],
    ["sentinel", "This may stand where there is no value; --null leaves such cells out."],
    ["thousands", "Separators of thousands were left out."],
    ["other_minus", "Minus signs of typesetters were read as minus."],
    ["space", "Spaces around numbers were left out."],
  ];
  for (const [kind, what] of said) {
    const cells = stats.get(kind);
    if (cells !== undefined) note(notes, column, kind, cells, what);
  }
  return integer(scale, findCellUnit(column, notes));
}

function findCellUnit(column: NamedColumn, notes: Note[]): string | undefined {
  const [first, second] = [...column.stats.units];
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const problem = `The cells have the units ${first[0]} and ${second[0]}.`;
    throw refuseColumn(column, second[1], problem, {
      whatToDo: `Give one unit a column, or take it as text with --text ${showWord(column.name)}.`,
    });
  }
  const [unit, cells] = first;
  const letter = column.stats.get("letter");
  const isMixed = cells.count < column.stats.numberCount && column.stats.written === 0;
  if (letter !== undefined && isMixed && column.scale === undefined) {
    const problem = `This is ${letter.cell.trim()} by name, or a number in ${unit}: other cells have no unit.`;
    const name = showWord(column.name);
    throw refuseColumn(column, letter, problem, {
      whatToDo: `Take the column as text with --text ${name}, or as numbers with --scale ${name}=0.`,
    });
  }
  note(notes, column, "unit_in_cells", cells, `The unit ${unit} stands in the cells.`);
  return unit;
}

function requireFit(column: NamedColumn, plan: ColumnPlan): ColumnPlan {
  const long = column.stats.get("long_text");
  if (long === undefined) return plan;
  const byteCount = Buffer.byteLength(long.cell, "utf8");
  throw refuseColumn(column, long, `The text has ${byteCount} bytes.`, {
    whatToDo: `Shorten it to ${TEXT_BYTES_MAX} bytes, or leave the column out with --columns.`,
  });
}

function note(
  notes: Note[],
  { name: column }: NamedColumn,
  kind: string,
  { count, cell: example, line }: CellPlace & { readonly count: number },
  text: string,
): void {
  notes.push({ kind, column, text, count, example, line });
}

/** The note of null words in a column. */
export function noteNulls({ name: column, stats }: NamedColumn, plan: ColumnPlan): Note[] {
  if (plan.isExact) return [];
  return [...stats.nullWords].map(([word, { count, line }]) => ({
    kind: "null_word",
    text: `${quote(word)} was read as no value.`,
    ...{ column, count, example: word, line },
  }));
}
