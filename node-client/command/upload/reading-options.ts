import { createHash } from "node:crypto";
import { InvalidArgumentError } from "commander";
import { SCALE_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { Hear } from "../../files/byte-source.ts";
import { applyPreset, FORMAT_NAMES, PRESETS, type ReadOptions } from "../../files/read-options.ts";
import { type UnderstoodFile, understandFile } from "../../files/understand-file.ts";
import { formatBytes } from "../connection/data-folder-usage.ts";
import { parseKeyGroups } from "../device/key-groups.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import {
  parseName,
  parseWhole,
  splitList,
  splitPair,
  unescapeName,
} from "../options/parse-arguments.ts";
import { parseRetention, RETENTION_ABOUT } from "../options/parse-duration.ts";
import { type OpenDataFile, openDataFile } from "../terminal/open-data-file.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The name of all columns of numbers that have no scale of their own. */
const ALL_COLUMNS = "*";

/** What is said of files at the end of a command's help. */
export const FILES_HELP = `
A file may be CSV of any separator, NDJSON, SenML or annotated CSV of InfluxDB, packed by gzip or
not. What it is like is found in it and shown before a stream is declared (--dry-run shows it and
sends nothing); where it tells nothing, nothing is guessed: the refusal names the option that says
it. Columns are named as in the header; write \\, for a comma in a name.`;

/** `--csv` and all that says what a file is and what its columns mean. */
export const addReadingOptions = shareOptions((command) =>
  command
    .requiredOption("--csv <file>", "the readings; - is standard input")
    .choice("--preset <name>", "options of a kind of export", namesIn(PRESETS))
    .choice("--format <format>", "of the file", namesIn(FORMAT_NAMES))
    .option("--separator <character>", "between cells; \\t for a tab", parseSeparator)
    .choice("--decimal <mark>", "before the decimals of numbers", [".", ","])
    .option("--encoding <name>", "of the characters, such as windows-1252")
    .option("--skip-rows <n>", "lines before the header", parseWhole(0, 1_000_000))
    .option("--header <a,b,…>", "the columns of a file that has no header", parseColumns)
    .option("--records <path>", "the array in a JSON object whose objects are the readings")
    .flag("--skip-short-rows", "leave out rows with too few cells")
    .flag("--skip-untimed-rows", "leave out rows without a time: units, sums")
    .option("--time <column[,column]>", "the times, or their dates and clock times", parseColumns)
    .option("--time-format <format>", "day-first, month-first, date, unix-ms, spreadsheet, …")
    .option(
      "--time-zone <zone>",
      "of clock times, such as Europe/Amsterdam (default: UTC); ,first or ,second after it: the " +
        "hour of times that were twice, where no row tells",
    )
    .option("--retention <time>", RETENTION_ABOUT, parseRetention, 0, "for ever")
    .option("--device <name>", "the one device that all rows are of", parseDevice)
    .option("--device-column <name>", "the column that tells devices apart")
    .option("--long <entity,value>", "one stream an entity, by these two columns", parseColumns)
    .option("--columns <a,b,…>", "the columns to take as metrics, in this order", parseColumns)
    .option("--text <a,b,…>", "columns that are text, kept exactly as they are", parseColumns)
    .option(
      "--scale <name=n>",
      "decimals of a column (default: its cells'); * for all others; repeat it",
      collectScale,
      new Map(),
    )
    .option("--null <a,b,…>", "more cells that mean no value, such as -999", parseColumns)
    .flag("--sealed", "hide the values from all but buyers, under one key a stream")
    .option("--key-groups <groups>", "seal, under one key for each of these groups of metrics")
    .choice(
      "--key-type <type>",
      "of the devices' signing keys",
      ["ed25519", "p256", "secp256k1"],
      "ed25519",
    )
    .option("--stream-name <name>", "of each device's stream", parseName, "readings"),
);
/** How a data file becomes readings of streams: the same for `encode` and `submit`. */
type ReadingSettings = OptionsIn<typeof addReadingOptions>;

export function toReadOptions(settings: ReadingSettings, file: string): ReadOptions {
  const scales = new Map(settings.scale);
  const scaleDefault = scales.get(ALL_COLUMNS);
  scales.delete(ALL_COLUMNS);
  return applyPreset(settings.preset, {
    file,
    format: settings.format,
    encoding: settings.encoding,
    separator: settings.separator,
    decimal: settings.decimal,
    skipRows: settings.skipRows,
    header: settings.header,
    records: settings.records,
    // Of a preset where it is not given.
    skipShortRows: settings.skipShortRows || undefined,
    skipUntimedRows: settings.skipUntimedRows || undefined,
    timeColumns: settings.time,
    timeFormat: settings.timeFormat,
    timeZone: settings.timeZone,
    device: settings.device,
    deviceColumn: settings.deviceColumn,
    long: settings.long,
    texts: settings.text,
    nulls: settings.null,
    columns: settings.columns,
    scales: scales.size === 0 ? undefined : Object.fromEntries(scales),
    scaleDefault,
  });
}

function collectScale(text: string, scales: ReadonlyMap<string, number>): Map<string, number> {
  const [name, places] = splitPair(text, "a column and its decimal places: NAME=N");
  if (scales.has(name)) throw new InvalidArgumentError("The column has a scale already.");
  return new Map([...scales, [name, parseWhole(0, SCALE_MAX)(places)]]);
}

function parseSeparator(text: string): string {
  const separator = text === "\\t" || text === "tab" ? "\t" : text;
  if ([...separator].length === 1 && !/["\r\n]/.test(separator)) return separator;
  throw new InvalidArgumentError("Give one character, or tab.");
}

const namesIn = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] =>
  Object.keys(table) as Name[];

const parseColumns = (text: string): string[] =>
  splitList(text, ",").map((name) => unescapeName(name));

/** The name of a device in the data folder and in the journals of uploads. */
function parseDevice(text: string): string {
  if (text.trim() !== "") return text.trim();
  throw new InvalidArgumentError("Give a name.");
}

/** A data file that was looked through once: nothing of it would be refused. */
export type LoadedFile = Awaited<ReturnType<typeof loadFile>>;

/**
 * Looks a data file through, with progress.
 *
 * @returns With the SHA-256 of its content, unpacked, and what shows how far a second look is.
 * @throws DataFileError and other ClientErrors that name the file, line and column.
 */
export async function loadFile(
  settings: ReadingSettings,
  terminal: Terminal,
  stdin = terminal.io.stdin,
) {
  const source = await openDataFile(settings.csv, { ...terminal.io, stdin });
  try {
    const options = toReadOptions(settings, source.file);
    let hash = createHash("sha256");
    const seen = watchProgress(source, "looking through", terminal);
    const understood = understandFile(source, options, (chunk, isFirst) => {
      if (isFirst) hash = createHash("sha256");
      hash.update(chunk);
      seen(chunk, isFirst);
    });
    terminal.endProgress();
    return {
      ...{ file: source.file, understood, hash: `0x${hash.digest("hex")}` as Hex },
      hear: watchProgress(source, "reading", terminal),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function watchProgress({ file, sizeBytes }: OpenDataFile, verb: string, terminal: Terminal): Hear {
  let doneBytes = 0;
  return (chunk, isFirst) => {
    doneBytes = (isFirst ? 0 : doneBytes) + chunk.length;
    terminal.progress(() => {
      const part = sizeBytes ? ` ${Math.floor((100 * doneBytes) / sizeBytes)}%` : "";
      return `${verb} ${file}:${part} (${formatBytes(doneBytes)})`;
    });
  };
}

/** The key group of each metric of a sealed stream; `undefined` where the streams are open. */
export function findKeyGroups({
  keyGroups,
  sealed,
}: ReadingSettings): ((metrics: readonly Metric[]) => number[]) | undefined {
  if (keyGroups !== undefined) return (metrics) => parseKeyGroups(keyGroups, metrics);
  return sealed ? (metrics) => metrics.map(() => 0) : undefined;
}

/**
 * Refuses key groups that do not divide the metrics of every device, before anything is done.
 *
 * @throws KeyGroupsError
 */
export function requireKeyGroups(settings: ReadingSettings, file: UnderstoodFile): void {
  const groupsOf = findKeyGroups(settings);
  for (const { columns } of file.devices) {
    if (columns.length > 0) groupsOf?.(columns.map(({ metric }) => metric));
  }
}
