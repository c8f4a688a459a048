import { lstatSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../terminal/terminal.ts";

/** Upload journals are the only files that grow in number; a folder of more is not worth a count. */
const FILES_MAX = 100_000;

/**
 * What a folder takes on its disk.
 *
 * @returns With what is left of the disk; `undefined` where there is no such folder.
 */
export function measureFolder(path: string) {
  try {
    const { bavail, bsize } = statfsSync(path);
    return { usedBytes: sumFiles(path), freeBytes: bavail * bsize };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function sumFiles(root: string): number {
  const folders = [root];
  let [sum, count] = [0, 0];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      count += 1;
      if (count > FILES_MAX) return sum;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else sum += sizeOf(path);
    }
  }
  return sum;
}

function sizeOf(path: string): number {
  try {
    return lstatSync(path).size;
  } catch (error) {
    // SQLite's log and drafts come and go while a node runs.
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/**
 * Bytes for people, with three digits at most.
 *
 * @example
 * formatBytes(1_536); // "1.5 KiB"
 */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let rest = bytes;
  while (rest >= 1_024 && unit < UNITS.length - 1) {
    rest /= 1_024;
    unit += 1;
  }
  return `${unit > 0 && rest < 10 ? rest.toFixed(1) : Math.round(rest)} ${UNITS[unit]}`;
}
