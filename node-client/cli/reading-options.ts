import { type Command, InvalidArgumentError, Option } from "commander";
import type { DeviceKeyType } from "../../spec/device-key.ts";
import { NAME_BYTES_MAX, SCALE_MAX } from "../../spec/limits.ts";
import { CsvError } from "../csv/csv-error.ts";
import { type DeviceReadings, readReadings } from "../csv/read-readings.ts";
import type { Io } from "./io.ts";
import { parseKeyGroups } from "./key-groups.ts";
import { refuseMistypedColumns } from "./mistyped-column.ts";
import { parseWhole, splitList, splitPair, unescapeName } from "./parse-arguments.ts";
import { nameOfFile, readText } from "./read-file.ts";

/** How a CSV file becomes readings of streams: the same for `encode` and `submit`. */
export interface ReadingSettings {
  readonly csv: string;
  readonly scale: ReadonlyMap<string, number>;
  readonly text?: readonly string[];
  readonly columns?: readonly string[];
  readonly idColumn?: string;
  readonly timeColumn?: string;
  readonly sealed: boolean;
  readonly keyGroups?: string;
  readonly keyType: DeviceKeyType;
  readonly streamName: string;
}

/** A CSV file as what the application can declare and take. */
export interface LoadedReadings {
  /** For messages. */
  readonly file: string;
  readonly text: string;
  /** At least one device. */
  readonly readings: readonly DeviceReadings[];
  /** The key group of each metric of sealed streams; `undefined` for open ones. */
  readonly keyGroups: readonly number[] | undefined;
}

/** Adds `--csv` and all that says what its columns mean. */
export function addReadingOptions(command: Command): Command {
  return command
    .requiredOption("--csv <file>", "the readings; - is standard input")
    .option("--scale <name=n>", "decimal places of a column; repeat it", collectScale, new Map())
    .option(
      "--text <a,b,…>",
      "columns that are text, although most cells are numbers",
      parseColumns,
    )
    .option("--columns <a,b,…>", "the columns to take as metrics, in this order", parseColumns)
    .option("--id-column <name>", "the column that tells devices apart (default: by its name)")
    .option("--time-column <name>", "the column of times (default: by its name and form)")
    .option("--sealed", "hide the values from all but buyers, under one key a stream", false)
    .option("--key-groups <groups>", "seal, under one key for each of these groups of metrics")
    .addOption(
      new Option("--key-type <type>", "of the devices' signing keys")
        .choices(["ed25519", "p256", "secp256k1"])
        .default("ed25519"),
    )
    .option("--stream-name <name>", "of each device's stream", parseName, "readings");
}

/**
 * Reads a CSV file so that nothing of it would be refused.
 *
 * @throws CsvError and other ClientErrors that name the file, line and column.
 */
export async function loadReadings(settings: ReadingSettings, io: Io): Promise<LoadedReadings> {
  const file = nameOfFile(settings.csv);
  const text = await readText(settings.csv, io);
  const options = {
    file,
    scales: Object.fromEntries(settings.scale),
    columns: settings.columns,
    idColumn: settings.idColumn,
    timeColumn: settings.timeColumn,
  };
  const readings = readReadings(text, options);
  requireDeclarable(readings, file);
  refuseMistypedColumns(text, readings, options, settings.text ?? []);
  return { file, text, readings, keyGroups: findKeyGroups(settings, readings) };
}

function findKeyGroups(
  { keyGroups, sealed }: ReadingSettings,
  [first]: readonly DeviceReadings[],
): number[] | undefined {
  const metrics = first?.metrics ?? [];
  if (keyGroups !== undefined) return parseKeyGroups(keyGroups, metrics);
  return sealed ? metrics.map(() => 0) : undefined;
}

/** What the application would refuse, so that no input is. */
function requireDeclarable(readings: readonly DeviceReadings[], file: string): void {
  if (readings.length === 0) {
    throw new CsvError({ file }, "There are no readings.", {
      whatToDo: "Give a file with at least one row below its header.",
    });
  }
  const wrong = readings[0]?.metrics.find(({ name }) => !isName(name));
  if (wrong === undefined) return;
  throw new CsvError({ file, column: wrong.name }, "The name is no printable text.", {
    whatToDo: "Rename the column, or leave it out with --columns.",
  });
}

/** The readings of all devices together. */
export const countReadings = (readings: readonly DeviceReadings[]): number =>
  readings.reduce((sum, { times }) => sum + times.length, 0);

function collectScale(text: string, scales: ReadonlyMap<string, number>): Map<string, number> {
  const [name, places] = splitPair(text, "a column and its decimal places: NAME=N");
  if (scales.has(name)) throw new InvalidArgumentError("The column has a scale already.");
  return new Map([...scales, [name, parseWhole(0, SCALE_MAX)(places)]]);
}

const parseColumns = (text: string): string[] =>
  splitList(text, ",").map((name) => unescapeName(name));

/** The name of a stream or metric: 1 to 64 bytes of printable text. */
export function parseName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError("Give 1 to 64 bytes of printable text.");
}

function isName(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  const isPrintable = !/^\ufeff|[\u0000-\u001f\u007f]/.test(text);
  return text !== "" && isPrintable && Buffer.byteLength(text, "utf8") <= NAME_BYTES_MAX;
}
