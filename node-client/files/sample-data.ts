import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ClientError } from "../errors.ts";
import { generateSample, type SampleName } from "./generate-sample.ts";

export { SAMPLE_NAMES, type SampleName } from "./generate-sample.ts";

/** The folder beside the project in which the data files are looked for. */
const SHARED_FOLDER = "../shared/data";

export interface SamplePlaces {
  /** The value of `TALLYROLL_DATA`, which the caller reads; undefined or "" when it is not set. */
  readonly dataFolder: string | undefined;
  /** The project's root: the bundle cannot tell it from its own place. */
  readonly projectRoot: string;
}

/**
 * The sample data of that name: `NAME.csv` in `dataFolder`, else in `../shared/data` beside the
 * project, else a generated stand-in of the same shape. Callers print `source`, the file's path, and
 * say so when it is `generated`: figures measured on it are not those of the real data.
 *
 * @throws ClientError when a file is there but cannot be read, or is not UTF-8.
 *
 * @example
 * const { text, generated } = loadSampleData("weather", {
 *   dataFolder: process.env.TALLYROLL_DATA,
 *   projectRoot,
 * });
 */
export function loadSampleData(name: SampleName, places: SamplePlaces) {
  const folders = [resolve(places.projectRoot, SHARED_FOLDER)];
  if (places.dataFolder) folders.unshift(resolve(places.dataFolder));
  for (const folder of folders) {
    const source = resolve(folder, `${name}.csv`);
    const text = readTextIfPresent(source);
    if (text !== undefined) return { name, text, generated: false, source };
  }
  return { name, text: generateSample(name), generated: true, source: `generated ${name}.csv` };
}

function readTextIfPresent(path: string): string | undefined {
  try {
    // Strict: a text that silently became "\ufffd" would be signed and committed to as such.
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ClientError(`The sample data at ${path} cannot be read.`, {
      whatToDo: "Make it readable UTF-8 text, or point TALLYROLL_DATA to another folder.",
      cause,
    });
  }
}
