import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSample } from "../files/generate-sample.ts";
import { type BenchContext, runScript } from "./figure-series.ts";

/** Of the file whose reading is timed, and of the one whose reading's memory is looked at. */
const TIMED_BYTES = 10_000_000;
const LARGE_BYTES = 100_000_000;

/**
 * How fast a data file is read, typed and scaled, beside the CSV library alone in the same run; and
 * the most memory that 100 MB of it take (a tenth of that when quick).
 */
export function measureFiles({ dist, runs, quick, series, progress }: BenchContext): void {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-bench-files-"));
  try {
    const timed = writeFile(join(folder, "timed.csv"), TIMED_BYTES);
    for (let run = 0; run < runs; run++) {
      progress(`run ${run + 1} of ${runs}: reading data files`);
      const [library] = runOnce(dist, timed, "library");
      const [reader] = runOnce(dist, timed, "reader");
      series.add("file_rows_per_s", reader);
      series.add("file_rows_over_library", reader / library);
    }
    progress("reading a large data file");
    const large = writeFile(join(folder, "large.csv"), quick ? LARGE_BYTES / 10 : LARGE_BYTES);
    series.add("file_rss_mb", runOnce(dist, large, "reader")[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The generated weather over and over: the same on every computer. */
function writeFile(path: string, bytes: number): string {
  const text = generateSample("weather");
  const bodyAt = text.indexOf("\n") + 1;
  writeFileSync(path, text.slice(0, bodyAt));
  const body = text.slice(bodyAt);
  for (let size = bodyAt; size < bytes; size += body.length) {
    writeFileSync(path, body, { flag: "a" });
  }
  return path;
}

/** Rows per second, and the peak memory in MB. */
function runOnce(dist: string, path: string, who: "reader" | "library"): [number, number] {
  const [rowsPerSec = 0, peakRssMb = 0] = runScript(dist, "file-run.js", path, who);
  return [rowsPerSec, peakRssMb];
}
