/** All that comes of a data file, as lines that a table of expectations can hold. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBytes } from "../../node-client/files/byte-source.ts";
import { DataFileError } from "../../node-client/files/data-file-error.ts";
import type { ReadOptions } from "../../node-client/files/read-options.ts";
import { collectReadings, type DeviceReadings } from "../../node-client/files/read-readings.ts";
import { understandFile } from "../../node-client/files/understand-file.ts";
import type { FileUnderstanding } from "../../node-client/files/understanding.ts";
import { formatScaled } from "../../spec/decimal.ts";
import { listOptions } from "./list-options.ts";

export const CASES_FOLDER = join(import.meta.dirname, "files");
/** 2026-01-01: what is in the future does not depend on when the tests run. */
const NOW_SEC = 1_767_225_600;
const ROWS_SHOWN = 6;

/** How a case file is read, and what comes of it. */
export interface FileCase {
  readonly options?: ReadOptions;
  readonly lines: readonly string[];
}

/** Reads a case file and says what came of it: facts, devices, readings, what was reported. */
export function showFile(name: string, options: ReadOptions = {}): string[] {
  const source = fromBytes(readFileSync(join(CASES_FOLDER, name)), name);
  try {
    const file = understandFile(source, { nowSec: NOW_SEC, ...options });
    return [...showSummary(file.summary), ...collectReadings(file).flatMap(showDevice)];
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    const place = [
      error.line === undefined ? "" : ` line ${error.line}`,
      error.column === undefined ? "" : ` column ${error.column}`,
      error.cell === undefined ? "" : ` cell ${error.cell}`,
    ].join("");
    const problem = error.shortMessage.slice(error.shortMessage.lastIndexOf(": ") + 2);
    return [`refused${place}: ${problem} ${listOptions(error).join(" ")}`.trimEnd()];
  }
}

function showSummary(summary: FileUnderstanding): string[] {
  const { format, encoding, separator, decimal, headerLine, time } = summary;
  const facts = [format, encoding];
  if (separator !== undefined && separator !== ",")
    facts.push(`separator ${JSON.stringify(separator)}`);
  if (decimal !== ".") facts.push(`decimal ${decimal}`);
  if ((headerLine ?? 1) !== 1) facts.push(`header in line ${headerLine}`);
  facts.push(`time in ${time.columns.join(" and ")}, ${time.forms.join(" and ")}, ${time.zone}`);
  const notes = summary.notes.map(({ kind, column, count, example, line }) =>
    [
      `told: ${kind}`,
      ...(column === undefined ? [] : [`of ${column}`]),
      ...(count === undefined ? [] : [`×${count}`]),
      ...(example === undefined ? [] : [JSON.stringify(example)]),
      ...(line === undefined ? [] : [`line ${line}`]),
    ].join(" "),
  );
  const leftOut = summary.leftOut.map(({ header, reason }) => `left out: ${header} (${reason})`);
  return [facts.join(", "), ...leftOut, ...notes];
}

function showDevice({ deviceName, metrics, times, columns }: DeviceReadings): string[] {
  const shown = metrics.map(({ name, kind, scale, unit }) =>
    [name, kind === "text" ? "text" : `scale ${scale}`, ...(unit === "" ? [] : [unit])].join(" "),
  );
  const rows = [...times].slice(0, ROWS_SHOWN).map((timeSec, row) => {
    const cells = columns.map(({ values, present, dictionary }, m) => {
      if (present?.[row] === 0) return "null";
      const value = values[row] ?? 0;
      return dictionary === undefined
        ? formatScaled(value, metrics[m]?.scale ?? 0)
        : JSON.stringify(dictionary[value]);
    });
    return `${new Date(timeSec * 1_000).toISOString().replace(".000", "")} ${cells.join(" ")}`;
  });
  const more = times.length > ROWS_SHOWN ? [`… ${times.length} readings`] : [];
  return [`${deviceName}: ${shown.join(", ")}`, ...rows, ...more];
}
