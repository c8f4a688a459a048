import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { ByteSource } from "../files/byte-source.ts";
import { readBlocks } from "../files/reading-store.ts";
import { understandFile } from "../files/understand-file.ts";
import { readPeakRssMb } from "./figure-series.ts";

/**
 * One timed reading of a data file in a process of its own, whose peak memory is that of the reading:
 * `file-run.js FILE reader` reads, types and scales it, `file-run.js FILE library` has the CSV
 * library take it apart and nothing else. Prints rows per second and the peak memory in MB.
 */
const [path = "", who = "reader"] = process.argv.slice(2);

function readWithReader(): number {
  const source: ByteSource = {
    ...{ file: path, sizeBytes: statSync(path).size, isGzip: false },
    *chunks() {
      const fd = openSync(path, "r");
      try {
        for (;;) {
          const chunk = new Uint8Array(1 << 20);
          const count = readSync(fd, chunk);
          if (count === 0) return;
          yield chunk.subarray(0, count);
        }
      } finally {
        closeSync(fd);
      }
    },
  };
  let rows = 0;
  readBlocks(understandFile(source, {}), (_, { times }) => {
    rows += times.length;
  });
  return rows;
}

function readWithLibrary(): number {
  let rows = 0;
  parse(readFileSync(path), {
    on_record: () => {
      rows += 1;
      return null;
    },
  });
  return rows;
}

const beganMs = performance.now();
const rows = who === "reader" ? readWithReader() : readWithLibrary();
const perSec = rows / ((performance.now() - beganMs) / 1_000);
process.stdout.write(`${perSec} ${readPeakRssMb(process.pid)}\n`);
