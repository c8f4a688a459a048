import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What every vector says of itself, beside its subject's own fields. */
export interface Vector {
  /** Folder and file name. */
  readonly id: string;
  readonly comment: string;
  /** The section of the specification it illustrates. */
  readonly spec: string;
}

/**
 * All vectors of one folder of `spec/vectors`, by name. The files are ours, so their shape is taken
 * on trust; a vector that lies about it fails the test that reads it.
 */
export function readVectors<T extends Vector>(subject: string): T[] {
  const folder = fileURLToPath(new URL(`../../spec/vectors/${subject}/`, import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const vector = JSON.parse(readFileSync(folder + name, "utf8")) as T;
      if (vector.id !== `${subject}/${name.slice(0, -5)}`) throw new Error(`misnamed: ${name}`);
      return vector;
    });
}
