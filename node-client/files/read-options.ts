/** What a reader of data files may be given; whatever is left out is found in the file. */

/** What people call each format. */
export const FORMAT_NAMES = {
  csv: "CSV",
  ndjson: "NDJSON",
  senml: "SenML",
  influx: "annotated CSV",
} as const;
export type FileFormat = keyof typeof FORMAT_NAMES;

/** Columns are named as in the header, or without the unit that the header has in brackets. */
export interface ReadOptions {
  /** The file's name, for messages; "CSV" when the text comes from elsewhere. */
  readonly file?: string | undefined;
  readonly format?: FileFormat | undefined;
  /** A label of the WHATWG Encoding Standard, such as `windows-1252`. */
  readonly encoding?: string | undefined;
  readonly separator?: string | undefined;
  readonly decimal?: "." | "," | undefined;
  /** Lines before the header. */
  readonly skipRows?: number | undefined;
  /** The names of the columns of a file whose first row names none. */
  readonly header?: readonly string[] | undefined;
  /** The path of the array whose objects are the records, in files of JSON objects around it. */
  readonly records?: string | undefined;
  /** Leave out rows with too few cells, counted, in place of refusing them. */
  readonly skipShortRows?: boolean | undefined;
  /** Leave out rows without a time (units under the header, sums), counted. */
  readonly skipUntimedRows?: boolean | undefined;
  /** The column of times, or those of the date and of the time of day. */
  readonly timeColumns?: readonly string[] | undefined;
  readonly timeFormat?: string | undefined;
  /**
   * Of clock times: a name of the IANA database or a fixed offset. UTC when absent. `,first` or
   * `,second` after a name says which hour a time is of that was twice, where no row tells it.
   */
  readonly timeZone?: string | undefined;
  /** The one device that all rows are of. */
  readonly device?: string | undefined;
  /** The column that names the device; found by its name when absent. */
  readonly deviceColumn?: string | undefined;
  /** Long form, one stream an entity: the columns of the entity and of its value. */
  readonly long?: readonly string[] | undefined;
  /** Columns that are text whatever is in them, every cell kept as it is. */
  readonly texts?: readonly string[] | undefined;
  /** Decimal places by column name, 0 to 12; those of the cells when absent. */
  readonly scales?: Readonly<Record<string, number>> | undefined;
  /** Decimal places of all columns of numbers that `scales` does not name. */
  readonly scaleDefault?: number | undefined;
  /** Cells that mean "no value", besides the well-known words. */
  readonly nulls?: readonly string[] | undefined;
  /** The columns to take as metrics, in this order; all of them when absent. */
  readonly columns?: readonly string[] | undefined;
  /** Unix seconds; times after it are reported. The machine's clock when absent. */
  readonly nowSec?: number | undefined;
}

/** Options of exports that many people have, under a short name; options beside it win. */
export const PRESETS = {
  "home-assistant": { format: "csv", long: ["entity_id", "state"], timeColumns: ["last_changed"] },
  influxdb: { format: "influx" },
  thingspeak: { format: "csv", timeColumns: ["created_at"] },
  davis: { format: "csv", timeColumns: ["Date & Time"], timeFormat: "month-first", nulls: ["--"] },
  "sensor-community": {
    ...{ format: "csv", separator: ";", decimal: ".", deviceColumn: "sensor_id" },
    timeColumns: ["timestamp"],
  },
} as const satisfies Readonly<Record<string, ReadOptions>>;

type PresetName = keyof typeof PRESETS;

export function applyPreset(name: PresetName | undefined, options: ReadOptions): ReadOptions {
  if (name === undefined) return options;
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  const preset: ReadOptions = PRESETS[name];
  // Whoever says which device a row is of has said it in place of the preset.
  const saysDevice = ["device", "deviceColumn", "long"].some((option) => option in given);
  const others = { ...preset, ...(saysDevice && { deviceColumn: undefined, long: undefined }) };
  return { ...others, ...given };
}
