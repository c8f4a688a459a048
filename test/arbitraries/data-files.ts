/**
 * Data files in the dialects that loggers, spreadsheets and databases write, made of known readings:
 * what they are read back to is what they were made of.
 */
import { gzipSync } from "node:zlib";
import type { ReadOptions } from "../../node-client/files/read-options.ts";
import type { SeededRng } from "./seeded-rng.ts";

/** One reading: values at scale 3, 0 and as text; `null` where there is none. */
export interface KnownReading {
  readonly device: string;
  readonly timeSec: number;
  readonly milli: number | null;
  readonly count: number | null;
  readonly word: string | null;
}

export interface MadeFile {
  readonly bytes: Uint8Array;
  readonly options: ReadOptions;
  readonly readings: readonly KnownReading[];
  /** What to say where the file is refused as having decimals or thousands: 1,234 may be both. */
  readonly decimal?: "." | ",";
  /** For a failure's message. */
  readonly description: string;
}

interface Dialect {
  readonly separator: string;
  readonly decimal: "." | ",";
  readonly lineBreak: string;
  readonly quotesAll: boolean;
  readonly nullWord: string;
  readonly thousands: string;
}

const ENCODINGS = ["utf-8", "utf-8 mark", "utf-16le", "utf-16be", "windows-1252"] as const;
const ZONES = ["", "UTC", "+05:30", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu"];
const WORDS = [
  "on",
  "off",
  "Rain",
  "très doux",
  'a "quoted" word',
  "two, three; four",
  "in\ntwo lines",
];
const NULL_WORDS = ["", "", "NaN", "unavailable", "-", "null", "None"];
const START_SEC = 1_700_000_000;
const SHAPES = ["wide", "wide", "long", "ndjson", "senml"] as const;

/** Draws a file with its readings. */
export function makeDataFile(rng: SeededRng): MadeFile {
  const shape = rng.pick(SHAPES);
  const readings = makeReadings(rng, shape);
  if (shape === "ndjson" || shape === "senml") return makeJson(rng, shape, readings);
  const separator = rng.pick([",", ";", "\t", "|"]);
  const decimal = separator !== "," && rng.chance(2) ? "," : ".";
  const dialect: Dialect = {
    ...{ separator, decimal, lineBreak: rng.pick(["\n", "\r\n", "\r"]) },
    ...{ quotesAll: rng.chance(4), nullWord: rng.pick(NULL_WORDS) },
    thousands: rng.chance(4) ? (decimal === "." ? "," : ".") : "",
  };
  const time = makeTimes(rng, readings);
  const encoding = rng.pick(ENCODINGS);
  const table =
    shape === "wide" ? makeWide(rng, readings, dialect, time) : makeLong(readings, dialect, time);
  const before = makeLinesBefore(rng, dialect, encoding);
  const text = before + table.map((row) => joinRow(row, dialect)).join("");
  const isPacked = rng.chance(5);
  const bytes = encode(text, encoding);
  return {
    bytes: isPacked ? gzipSync(bytes) : bytes,
    options: {
      ...time.options,
      // Neither has a mark in the file: these two cannot be known without being told.
      ...(encoding === "windows-1252" && { encoding }),
      ...(shape === "wide" && { texts: ["word"] }),
    },
    readings,
    ...(dialect.thousands !== "" && { decimal }),
    description: JSON.stringify({
      shape,
      ...dialect,
      encoding,
      isPacked,
      ...time.options,
      form: time.form,
    }),
  };
}

function makeReadings(rng: SeededRng, shape: (typeof SHAPES)[number]): KnownReading[] {
  const devices = ["roof", "0071234", "Gärten 3", "b-2"].slice(0, rng.between(1, 4));
  const count = rng.between(4, 24);
  let timeSec = START_SEC + rng.below(30_000_000);
  const readings = Array.from({ length: count }, (_, i): KnownReading => {
    timeSec += rng.between(1, 4_000);
    const isNull = (): boolean => rng.chance(6) && i > 1;
    return {
      device: rng.pick(devices),
      timeSec,
      // The first two tell how many decimals there are, and on which side of a thousand.
      milli: i === 0 ? 12_345 : i === 1 ? -7 : isNull() ? null : rng.between(-9_999_999, 9_999_999),
      count: isNull() ? null : rng.below(2_000_000) - 1_000_000,
      word: isNull() ? null : rng.pick(WORDS),
    };
  });
  // In long form each device has its own decimals: 0.007 tells them, and cannot be thousands.
  if (shape !== "long") return readings;
  const seen = new Set<string>();
  return readings.map((reading) => {
    const isFirst = !seen.has(reading.device);
    seen.add(reading.device);
    return { ...reading, milli: isFirst ? 7 : reading.milli, count: null, word: null };
  });
}

interface MadeTimes {
  readonly form: string;
  readonly options: ReadOptions;
  /** One cell, or those of the date and of the time of day. */
  readonly write: (timeSec: number) => readonly string[];
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

const showUtc = (sec: number): string =>
  new Date(sec * 1_000).toISOString().slice(0, 19).replace("T", " ");

/** `YYYY-MM-DD HH:MM:SS` as a clock of the zone shows it. */
function showClock(sec: number, timeZone: string): string {
  let format = CLOCKS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    CLOCKS.set(timeZone, format);
  }
  return format.format(sec * 1_000);
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

function makeTimes(rng: SeededRng, readings: readonly KnownReading[]): MadeTimes {
  const unix = rng.pick(["s", "ms", "us", "ns", "no"] as const);
  if (unix !== "no" && rng.chance(2)) {
    const zeros = { s: "", ms: "000", us: "000000", ns: "000000000" }[unix];
    return { form: `unix-${unix}`, options: {}, write: (sec) => [`${sec}${zeros}`] };
  }
  const name = rng.pick(ZONES);
  const toClock = (sec: number): string =>
    name === "+05:30" ? showUtc(sec + 19_800) : showClock(sec, name || "UTC");
  // The hours that clocks repeat have cases of their own.
  const isPlain = readings.every(({ timeSec }) =>
    [-3_600, 3_600].every((other) => toClock(timeSec) !== toClock(timeSec + other)),
  );
  const options: ReadOptions = name === "" || !isPlain ? {} : { timeZone: name };
  const parts = (sec: number) => {
    const [iso = "", clock = ""] = (isPlain ? toClock(sec) : showUtc(sec)).split(" ");
    const [year = 0, month = 0, day = 0] = iso.split("-").map(Number);
    return { year, month, day, clock, iso };
  };
  const forms: Readonly<Record<string, MadeTimes["write"]>> = {
    iso: (sec) => [`${parts(sec).iso}T${parts(sec).clock}`],
    space: (sec) => [`${parts(sec).iso} ${parts(sec).clock}`],
    fraction: (sec) => [`${parts(sec).iso} ${parts(sec).clock}.000`],
    utc: (sec) => [new Date(sec * 1_000).toISOString().replace(".000", "")],
    offset: (sec) => [`${new Date((sec + 7_200) * 1_000).toISOString().slice(0, 19)}+02:00`],
    dotted: (sec) => [
      `${pad(parts(sec).day)}.${pad(parts(sec).month)}.${parts(sec).year} ${parts(sec).clock}`,
    ],
    "day-first": (sec) => [
      `${parts(sec).day}/${parts(sec).month}/${parts(sec).year} ${parts(sec).clock}`,
    ],
    "month-first": (sec) => [
      `${parts(sec).month}/${parts(sec).day}/${parts(sec).year} ${parts(sec).clock}`,
    ],
    apart: (sec) => [parts(sec).iso, parts(sec).clock],
  };
  const form = rng.pick(Object.keys(forms));
  const timeFormat = form.endsWith("-first") ? { timeFormat: form } : {};
  return { form, options: { ...options, ...timeFormat }, write: forms[form] ?? (() => []) };
}

function makeWide(
  rng: SeededRng,
  readings: readonly KnownReading[],
  dialect: Dialect,
  time: MadeTimes,
): string[][] {
  const names =
    time.form === "apart"
      ? ["date", "time"]
      : [rng.pick(["timestamp", "Time", "created_at", "ts"])];
  const columns: readonly (readonly [string, (reading: KnownReading) => string])[] = [
    [rng.pick(["device", "Sensor", "node_id", "station"]), ({ device }) => device],
    ...names.map(
      (name, i) => [name, ({ timeSec }: KnownReading) => time.write(timeSec)[i] ?? ""] as const,
    ),
    [rng.pick(["milli", "milli (°C)"]), ({ milli }) => writeMilli(milli, dialect)],
    ["count", ({ count }) => (count === null ? dialect.nullWord : writeWhole(count, dialect))],
    // Text is kept as it is, so its nulls are empty cells.
    ["word", ({ word }) => word ?? ""],
  ];
  const order = columns.map((column) => [rng.next(), column] as const).sort(([a], [b]) => a - b);
  const shuffled = order.map(([, column]) => column);
  return [
    shuffled.map(([name]) => name),
    ...readings.map((reading) => shuffled.map(([, write]) => write(reading))),
  ];
}

function makeLong(
  readings: readonly KnownReading[],
  dialect: Dialect,
  time: MadeTimes,
): string[][] {
  const names = time.form === "apart" ? ["date", "time"] : ["last_changed"];
  return [
    ["entity_id", "state", ...names],
    ...readings.map(({ device, milli, timeSec }) => [
      device,
      writeMilli(milli, dialect),
      ...time.write(timeSec),
    ]),
  ];
}

function writeWhole(value: number, { thousands }: Dialect): string {
  const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, thousands);
  return value < 0 ? `-${digits}` : digits;
}

function writeMilli(value: number | null, dialect: Dialect): string {
  if (value === null) return dialect.nullWord;
  const whole = writeWhole(Math.trunc(Math.abs(value) / 1_000), dialect);
  const text = `${whole}${dialect.decimal}${pad(Math.abs(value) % 1_000, 3)}`;
  return value < 0 ? `-${text}` : text;
}

function joinRow(cells: readonly string[], { separator, quotesAll, lineBreak }: Dialect): string {
  const quoted = cells.map((cell) => {
    const needs = quotesAll || /["\r\n]/.test(cell) || cell.includes(separator);
    return needs ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return quoted.join(separator) + lineBreak;
}

function makeLinesBefore(
  rng: SeededRng,
  { separator, lineBreak }: Dialect,
  encoding: string,
): string {
  const sign = encoding === "utf-8" ? "logger" : "Messgerät";
  return rng.pick([
    () => "",
    () => "",
    () => `sep=${separator}${lineBreak}`,
    () => `# ${sign} v2${lineBreak}# 2 rows of comment${lineBreak}`,
    () => `Export of ${sign}${lineBreak}Serial${separator}17${lineBreak}${lineBreak}`,
  ])();
}

function encode(text: string, encoding: (typeof ENCODINGS)[number]): Uint8Array {
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  if (encoding === "utf-8 mark") return Buffer.from(`\ufeff${text}`, "utf8");
  if (encoding === "windows-1252") return Buffer.from(text, "latin1");
  const little = Buffer.from(`\ufeff${text}`, "utf16le");
  return encoding === "utf-16le" ? little : little.swap16();
}

function makeJson(
  rng: SeededRng,
  shape: "ndjson" | "senml",
  readings: readonly KnownReading[],
): MadeFile {
  const numbers = ({ milli, count }: KnownReading) => ({
    milli: milli === null ? undefined : writeMilli(milli, { ...PLAIN }),
    count: count === null ? undefined : String(count),
  });
  const lines = readings.map((reading) => {
    const { device, timeSec, word } = reading;
    const { milli, count } = numbers(reading);
    const name = JSON.stringify(device);
    if (shape === "ndjson") {
      const fields = [
        ...(milli === undefined ? [] : [`"milli":${milli}`]),
        `"count":${count ?? "null"}`,
        ...(word === null ? [] : [`"word":${JSON.stringify(word)}`]),
      ];
      return `{"meta":{"device":${name}},"timestamp":"${new Date(timeSec * 1_000).toISOString()}","data":{${fields.join(",")}}}`;
    }
    const base = `"bn":${JSON.stringify(`${device}:`)},"bt":${timeSec - 5}`;
    const records = [
      ...(milli === undefined ? [] : [`{${base},"n":"milli","t":5,"v":${milli}}`]),
      ...(count === undefined ? [] : [`{${base},"n":"count","t":5.0,"v":${count}}`]),
      ...(word === null ? [] : [`{${base},"n":"word","t":5,"vs":${JSON.stringify(word)}}`]),
    ];
    return records.join(",");
  });
  const isArray = shape === "senml";
  const whole = lines.filter((line) => line !== "");
  const text = isArray ? `[${whole.join(",\n")}]` : `${whole.join("\n")}\n`;
  const kept = isArray ? readings.filter((_, i) => lines[i] !== "") : readings;
  const isPacked = rng.chance(5);
  const bytes = Buffer.from(text, "utf8");
  return {
    bytes: isPacked ? gzipSync(bytes) : bytes,
    options: shape === "ndjson" ? { texts: ["word"] } : { texts: [] },
    readings: kept,
    description: JSON.stringify({ shape, isPacked }),
  };
}

const PLAIN: Dialect = {
  ...{
    separator: ",",
    decimal: ".",
    lineBreak: "\n",
    quotesAll: false,
    nullWord: "",
    thousands: "",
  },
};
