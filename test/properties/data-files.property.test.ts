/** Files of generated dialects are read to the readings that they were made of. */
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { DataFileError } from "../../node-client/files/data-file-error.ts";
import { type DeviceReadings, readReadings } from "../../node-client/files/read-readings.ts";
import { RowSplitter } from "../../node-client/files/split-rows.ts";
import { type KnownReading, type MadeFile, makeDataFile } from "../arbitraries/data-files.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { listOptions } from "../cases/list-options.ts";
import { runs, seed } from "../seed.ts";

const PLACES: Readonly<Record<string, number>> = { milli: 3, state: 3, count: 0 };

/** A device's readings in words; numbers at the scale that they were made with. */
function toKnown({ deviceName: device, metrics, times, columns }: DeviceReadings): KnownReading[] {
  return [...times].map((timeSec, row) => {
    const find = (wanted: string): number | string | null => {
      const m = metrics.findIndex(({ name }) => name.slice(name.lastIndexOf(".") + 1) === wanted);
      const column = columns[m];
      if (column === undefined || column.present?.[row] === 0) return null;
      const value = column.values[row] ?? 0;
      if (column.dictionary !== undefined) return column.dictionary[value] ?? "?";
      const missing = (PLACES[wanted] ?? 0) - (metrics[m]?.scale ?? 0);
      return Math.round(value * 10 ** missing);
    };
    const milli = (find("milli") ?? find("state")) as number | null;
    return {
      device,
      timeSec,
      milli,
      count: find("count") as number | null,
      word: find("word") as string | null,
    };
  });
}

/** Where single groups of three may be decimals, the file is read as the option says. */
function readAsAsked({ bytes, options, decimal }: MadeFile): DeviceReadings[] {
  try {
    return readReadings(bytes, options);
  } catch (error) {
    const isAsked = error instanceof DataFileError && listOptions(error)[0] === "--decimal";
    if (!isAsked || decimal === undefined) throw error;
    return readReadings(bytes, { ...options, decimal });
  }
}

test("data files of any dialect are read to the same readings", () => {
  const first = seed("data-files");
  for (let run = 0; run < runs(50_000); run++) {
    const file = makeDataFile(new SeededRng(first + run));
    const devices = [...new Set(file.readings.map(({ device }) => device))];
    const expected = devices.flatMap((name) =>
      file.readings.filter(({ device }) => device === name),
    );
    let read: KnownReading[];
    try {
      read = readAsAsked(file).flatMap(toKnown);
    } catch (error) {
      if (!(error instanceof DataFileError)) throw error;
      throw new Error(`run ${run}, ${file.description}: ${error.message}`, { cause: error });
    }
    expect(read, `run ${run}, ${file.description}`).toEqual(expected);
  }
}, 600_000);

test("cells are those that a library of parsers finds, wherever the text is cut", () => {
  const first = seed("split-rows");
  const pieces = [
    "a",
    "1.5",
    "é",
    '"b"',
    '"c, d"',
    '"e ""f"""',
    '"g\nh"',
    '"i\r\nj"',
    '""',
    "",
    " ",
  ];
  for (let run = 0; run < runs(20_000); run++) {
    const rng = new SeededRng(first + run);
    const lineBreak = rng.pick(["\n", "\r\n", "\r"]);
    const rows = Array.from({ length: rng.between(1, 8) }, () =>
      Array.from({ length: rng.between(1, 4) }, () => rng.pick(pieces)).join(","),
    );
    const text = rows.join(lineBreak) + (rng.chance(2) ? lineBreak : "");
    const expected = parse(text, {
      relax_column_count: true,
      record_delimiter: lineBreak,
      skip_empty_lines: true,
    });
    const found: string[][] = [];
    const splitter = new RowSplitter("", ",", (cells) => found.push(cells));
    for (let at = 0; at < text.length; ) {
      const next = at + rng.between(1, 9);
      splitter.push(text.slice(at, next));
      at = next;
    }
    splitter.end();
    expect(found, JSON.stringify(text)).toEqual(expected);
  }
}, 600_000);
