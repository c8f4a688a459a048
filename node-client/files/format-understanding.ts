/** The understanding of a file for people, in lines of 80 columns at most. */

import { countOf } from "../count-of.ts";
import { quote } from "./data-file-error.ts";
import type { LeftOutColumn } from "./declare-metrics.ts";
import type { Note } from "./notes.ts";
import { FORMAT_NAMES } from "./read-options.ts";
import type { FileUnderstanding, UnderstoodColumn } from "./understanding.ts";

const WIDTH = 80;
const LABEL = 14;
const DEVICES_SHOWN = 6;
const REASONS: Readonly<Record<LeftOutColumn["reason"], string>> = {
  empty: "empty in every row, so nobody knows what it is",
  repeats_time: "only repeats the time",
  not_picked: "not picked",
  gives_unit: "gives the unit",
};

export function formatUnderstanding(file: FileUnderstanding): string[] {
  return [
    ...field("file", `${file.file}: ${describeLayout(file)}`),
    ...field("readings", describeReadings(file)),
    ...field("time", describeTime(file)),
    ...field("metrics", `${file.columns.length}`),
    ...file.columns.flatMap(formatColumn),
    ...formatLeftOut(file.leftOut),
    ...formatNotes(file.notes),
  ];
}

/** Notes as lines: the sentence, then how often and where. */
export function formatNotes(notes: readonly Note[]): string[] {
  return notes.flatMap((note) => wrap(`- ${formatNote(note)}`, "  "));
}

function formatNote({ column, text, count, example, line }: Note): string {
  const where = [
    ...(count === undefined || count === 1
      ? []
      : [`${count} times${example === undefined ? "" : ","}`]),
    ...(example === undefined ? [] : [`such as ${quote(example)}`]),
    ...(line === undefined ? [] : [`in line ${line}`]),
  ].join(" ");
  const of = column === undefined ? "" : `${showName(column)}: `;
  return `${of}${text}${where === "" ? "" : ` (${where})`}`;
}

const showName = (name: string): string => (/^[\p{L}\p{N} ._-]+$/u.test(name) ? name : quote(name));

function describeLayout(file: FileUnderstanding): string {
  const { format, separator, decimal, headerLine, encoding, encodingBy, isGzip } = file;
  const by = { mark: " by its mark", option: " by --encoding", default: "" }[encodingBy];
  const parts = [
    `${FORMAT_NAMES[format]}${isGzip ? " in gzip" : ""}`,
    `${encoding.toUpperCase()}${by}`,
    ...(separator === undefined
      ? []
      : [`separator ${separator === "\t" ? "tab" : quote(separator)}`]),
    ...(decimal === "," ? ["decimal comma"] : ["decimal point"]),
    ...(headerLine === undefined ? [] : [`header in line ${headerLine}`]),
  ];
  return parts.join(", ");
}

function describeReadings({ readings, devices }: FileUnderstanding): string {
  const { count, column, names } = devices;
  const by = column === undefined ? "by --device" : `by ${showName(column)}`;
  const shown = names.slice(0, DEVICES_SHOWN).map(showName).join(", ");
  const more = count > DEVICES_SHOWN ? ", …" : "";
  return `${readings} of ${countOf(count, "device")} (${by}): ${shown}${more}`;
}

function describeTime({ time }: FileUnderstanding): string {
  const { columns, forms, zone, firstSec, lastSec } = time;
  const how = forms.join(" and ");
  return `${formatSec(firstSec)} to ${formatSec(lastSec)} UTC; from ${columns.map(showName).join(" and ")}, ${how}, clock times in ${zone}`;
}

const formatSec = (sec: number): string =>
  Number.isFinite(sec) ? new Date(sec * 1_000).toISOString().slice(0, 19).replace("T", " ") : "?";

function formatColumn(column: UnderstoodColumn): string[] {
  const { name, header, kind, unit, scale, nulls, rounded, devices } = column;
  const decimals = countOf(scale, "decimal");
  const parts = [
    kind === "text" ? "text" : `number, ${decimals}`,
    ...(unit === "" ? [] : [`unit ${unit}`]),
    ...(nulls === 0 ? [] : [countOf(nulls, "null")]),
    ...(rounded === 0 ? [] : [`${rounded} rounded`]),
    ...(name === header ? [] : [`from ${quote(header)}`]),
    ...(devices === undefined || devices.count === 1 ? [] : [`${devices.count} devices`]),
    ...(devices?.count === 1 ? [`of ${devices.first}`] : []),
  ];
  return wrap(`  ${showName(name)}: ${parts.join(", ")}`, "    ");
}

function formatLeftOut(columns: readonly LeftOutColumn[]): string[] {
  return (Object.keys(REASONS) as LeftOutColumn["reason"][]).flatMap((reason) => {
    const names = columns
      .filter((column) => column.reason === reason)
      .map(({ header }) => showName(header));
    return names.length === 0 ? [] : field("left out", `${names.join(", ")} (${REASONS[reason]})`);
  });
}

const field = (label: string, text: string): string[] =>
  wrap(label.padEnd(LABEL) + text, " ".repeat(LABEL));

/** Cuts a text into lines between its words; a word that is too long is cut, too. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name may not move the cursor.
  let rest = text.replace(/[\u0000-\u001f\u007f]/g, "?");
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(" ", WIDTH);
    const cut = at > indent.length ? at : WIDTH;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = indent + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
