import type { LeftOutColumn, UnderstoodDevice } from "./declare-metrics.ts";
import type { RowRules, TimeSpan } from "./file-scan.ts";
import { mergeNotes, type Note } from "./notes.ts";
import type { TimeReader } from "./time-reader.ts";

/** A metric as it would be declared. */
export interface UnderstoodColumn {
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
const FORMS: readonly (readonly [kind: string, name: string])[] = [
  ["unix_s", "Unix seconds"],
  ["unix_ms", "Unix milliseconds"],
  ["unix_us", "Unix microseconds"],
  ["unix_ns", "Unix nanoseconds"],
  ["year_first", "year first"],
  ["day_month", "day and month"],
  ["named_month", "month by name"],
  ["date", "date"],
  ["option", "by --time-format"],
];

export function summarize(
  { table, roles, times, decimal }: RowRules,
  devices: readonly UnderstoodDevice[],
  scan: { readonly span: TimeSpan; readonly reader: TimeReader; readonly rowCount: number },
  leftOut: readonly LeftOutColumn[],
  notes: readonly Note[],
) {
  const { reader, span } = scan;
  const other = FORMS.filter(([kind]) => reader.count(kind) > 0);
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
