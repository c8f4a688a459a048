/** What a file was understood as: the summary of a first pass, and the same in lines of 80 columns. */
import { countOf } from "../count-of.ts";
import { quote } from "./data-file-error.ts";
import type { LeftOutColumn, UnderstoodDevice } from "./declare-metrics.ts";
import type { RowRules, TimeSpan } from "./file-scan.ts";
import { mergeNotes, type Note } from "./notes.ts";
import { FORMAT_NAMES } from "./read-options.ts";
import { TIME_FORMS } from "./time-problems.ts";
import type { TimeReader } from "./time-reader.ts";

/** A metric as it would be declared. */
interface UnderstoodColumn {
  readonly name: string;
  readonly header: string;
  readonly kind: "integer" | "text";
  /** SenML or UCUM; "" for none. */
  readonly unit: string;
  readonly scale: number;
  /** Cells without a value. */
  readonly nulls: number;
  /** Cells that lose digits to the scale. */
  readonly rounded: number;
  /** In long form: the devices that have it so, the first of them by name. */
  readonly devices?: { readonly count: number; readonly first: string } | undefined;
}

export type FileUnderstanding = ReturnType<typeof summarize>;

const NAMES_SHOWN = 20;

export function summarize(
  { table, roles, times, decimal }: RowRules,
  devices: readonly UnderstoodDevice[],
  scan: { readonly span: TimeSpan; readonly reader: TimeReader; readonly rowCount: number },
  leftOut: readonly LeftOutColumn[],
  notes: readonly Note[],
) {
  const { reader, span } = scan;
  const other = TIME_FORMS.filter(([kind]) => reader.count(kind) > 0);
  const others = other.reduce((sum, [kind]) => sum + reader.count(kind), 0);
  const forms = other.map(([, name]) => name);
  const readings = devices.reduce((sum, { count }) => sum + count, 0);
  return {
    ...{ file: table.file, ...table.facts, decimal, readings, leftOut },
    devices: {
      count: devices.length,
      // None where an option names the one device.
      column: roles.device === -1 ? undefined : table.header[roles.device],
      names: devices.slice(0, NAMES_SHOWN).map(({ name }) => name),
    },
    time: {
      columns: roles.times.indices.map((index) => table.header[index] ?? ""),
      zone: times.zone?.name ?? "UTC",
      forms: others < scan.rowCount ? ["ISO 8601", ...forms] : forms,
      firstSec: span.firstSec,
      lastSec: span.lastSec,
    },
    columns: listColumns(table.header, roles.isLong, devices),
    notes: mergeNotes([...notes, ...noteDamagedNames(devices)]),
  };
}

function listColumns(
  header: readonly string[],
  isLong: boolean,
  devices: readonly UnderstoodDevice[],
): UnderstoodColumn[] {
  const columns = new Map<string, UnderstoodColumn>();
  for (const device of isLong ? devices : devices.slice(0, 1)) {
    for (const { metric, index, stats } of device.columns) {
      const { name, kind, unit, scale } = metric;
      const key = JSON.stringify([index, kind, unit, scale]);
      const known = columns.get(key);
      const rounded = kind === "integer" ? (stats?.countRounded(scale) ?? 0) : 0;
      columns.set(key, {
        ...{ name, header: header[index] ?? "", kind, unit, scale },
        nulls: (known?.nulls ?? 0) + (stats?.nullCount ?? 0),
        rounded: (known?.rounded ?? 0) + rounded,
        ...(isLong && {
          devices: {
            count: (known?.devices?.count ?? 0) + 1,
            first: known?.devices?.first ?? device.name,
          },
        }),
      });
    }
  }
  return [...columns.values()];
}

/** Identifiers that a spreadsheet took for numbers have lost their last digits for good. */
function noteDamagedNames(devices: readonly UnderstoodDevice[]): Note[] {
  const damaged = devices.filter(({ name }) => /^\d(?:[.,]\d+)?[eE]\+\d+$/.test(name));
  const [first] = damaged;
  if (first === undefined) return [];
  const text = "Names of devices look like numbers that a spreadsheet has shortened.";
  return [{ kind: "damaged_names", text, count: damaged.length, example: first.name }];
}

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
