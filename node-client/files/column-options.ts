/** The columns that options name, by their place in the header. */
import { SCALE_MAX } from "../../spec/limits.ts";
import { DataFileError } from "./data-file-error.ts";
import { adviseCorrecting, findColumn, refuseHeader } from "./data-table.ts";
import { isScale } from "./decimal-text.ts";
import type { RowRules } from "./file-scan.ts";

/**
 * Finds the columns that `--text`, `--scale` and `--columns` (all that may be metrics) name.
 *
 * @throws DataFileError for one that is not there, or of which the option would change nothing.
 */
export function findColumnOptions(rules: RowRules) {
  const { table, options } = rules;
  const { file, header } = table;
  const texts = (options.texts ?? []).map((name) =>
    findColumn(table, name, "--text", "There is no such column to take as text."),
  );
  const scales = Object.entries(options.scales ?? {}).map(([name, scale]): [number, number] => {
    const index = findColumn(table, name, "--scale", "There is no such column to scale.");
    if (isScale(scale)) return [index, scale];
    const problem = `A scale of ${scale} decimals is not possible.`;
    const whatToDo = `Give --scale an integer of 0 to ${SCALE_MAX}.`;
    throw new DataFileError({ file, column: name }, problem, { whatToDo });
  });
  const both = scales.find(([index]) => texts.includes(index));
  if (both !== undefined) {
    const problem = "The column cannot be text and have a scale.";
    const whatToDo = "Name it with --text or with --scale.";
    throw new DataFileError({ file, column: header[both[0]] }, problem, { whatToDo });
  }
  const picked = options.columns?.map((name) =>
    findColumn(table, name, "--columns", "There is no such column to pick."),
  );
  requireMetricColumns(rules, "--text", texts, picked);
  requireMetricColumns(rules, "--scale", [...new Map(scales).keys()], picked);
  requireMetricColumns(rules, "--columns", picked ?? [], picked);
  const twice = picked?.find((index, i) => picked.indexOf(index) !== i);
  if (twice !== undefined) {
    const problem = "The column is picked twice.";
    throw refuseHeader(table, problem, adviseCorrecting("--columns", header), header[twice]);
  }
  return { texts: new Set(texts), scales: new Map(scales), picked };
}

/** An option of a column that makes no metric would be passed over without a word. */
function requireMetricColumns(
  { table, roles }: RowRules,
  option: "--text" | "--scale" | "--columns",
  indices: readonly number[],
  picked: readonly number[] | undefined,
): void {
  const { header } = table;
  const correct = adviseCorrecting(option, header);
  for (const index of indices) {
    const refuse = (problem: string, whatToDo: string): DataFileError =>
      refuseHeader(table, problem, whatToDo, header[index]);
    if (index === roles.device || roles.times.indices.includes(index)) {
      throw refuse("It names the device or time: no metric.", correct);
    }
    if (index === roles.unit) {
      throw refuse("It gives the unit of the values: no metric.", correct);
    }
    if (roles.values !== undefined && !roles.values.includes(index)) {
      const whatToDo = `Name it with --long, too. ${correct}`;
      throw refuse("--long does not name it, so it is not a metric.", whatToDo);
    }
    if (picked !== undefined && !picked.includes(index)) {
      const whatToDo = `Name it with --columns as well, or leave out its ${option}.`;
      throw refuse("--columns does not pick it.", whatToDo);
    }
  }
}
