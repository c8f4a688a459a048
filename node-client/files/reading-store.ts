/** Readings between the file and the batches that they become: on the disk where they are many. */

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { Hear } from "./byte-source.ts";
import type { MetricColumn } from "./declare-metrics.ts";
import { joinBlocks } from "./join-blocks.ts";
import { readBlocks } from "./read-pass.ts";
import { type ReadingSlice, type StoredReadings, sliceReadings } from "./slice-readings.ts";
import type { UnderstoodFile } from "./understand-file.ts";

/** So much is kept in memory; what comes after goes to a temporary file. */
const MEMORY_BYTES_MAX = 32 << 20;

/** Where a block of readings is. */
type BlockPlace = { readonly bytes: Uint8Array } | { readonly at: number; readonly length: number };

/** The readings of a whole file, and the temporary file that goes with `close`. */
export interface ReadingStore {
  readonly readings: readonly StoredReadings[];
  close(): void;
}

/**
 * Reads a file that was looked through into batches' reach, in constant memory but for the times.
 *
 * @param metricsOf As in `readBlocks`; also the metrics of a device.
 * @throws DataFileError, and the system's error where the temporary file cannot be written.
 */
export function storeReadings(
  file: UnderstoodFile,
  metricsOf?: (device: string) => readonly MetricColumn[],
  hear?: Hear,
): ReadingStore {
  const blocks = new BlockFile();
  const byDevice = new Map<string, DeviceStore>();
  for (const device of file.devices) {
    const columns = metricsOf?.(device.name) ?? file.metricsOf(device);
    // A device without any value and without a stream has nothing to be declared or sent.
    if (columns.length === 0) continue;
    byDevice.set(device.name, new DeviceStore(device.name, columns, device.count, blocks));
  }
  try {
    readBlocks(file, (device, block) => byDevice.get(device)?.add(block), metricsOf, hear);
  } catch (error) {
    blocks.close();
    throw error;
  }
  return { readings: [...byDevice.values()], close: () => blocks.close() };
}

class DeviceStore implements StoredReadings {
  readonly deviceName: string;
  readonly metrics: StoredReadings["metrics"];
  readonly times: Float64Array;
  readonly #file: BlockFile;
  readonly #places: {
    readonly first: number;
    readonly count: number;
    readonly place: BlockPlace;
  }[] = [];
  #count = 0;

  constructor(
    deviceName: string,
    columns: readonly MetricColumn[],
    count: number,
    file: BlockFile,
  ) {
    this.deviceName = deviceName;
    this.metrics = columns.map(({ metric }) => metric);
    this.times = new Float64Array(count);
    this.#file = file;
  }

  add({ times, columns }: ReadingSlice): void {
    this.times.set(times, this.#count);
    const place = this.#file.put(serialize(columns));
    this.#places.push({ first: this.#count, count: times.length, place });
    this.#count += times.length;
  }

  slice(from: number, to: number): ReadingSlice {
    const pieces: ReadingSlice[] = [];
    for (let at = this.#find(from); at < this.#places.length; at++) {
      const { first, count, place } = this.#places[at] ?? {
        first: to,
        count: 0,
        place: { at: 0, length: 0 },
      };
      if (first >= to) break;
      const columns = deserialize(this.#file.get(place)) as ReadingSlice["columns"];
      const block = { times: this.times.subarray(first, first + count), columns };
      const piece = sliceReadings(block, Math.max(0, from - first), Math.min(count, to - first));
      pieces.push(piece);
    }
    return joinBlocks(pieces, this.metrics);
  }

  /** The block that a reading is in. */
  #find(row: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { first, count } = this.#places[middle] ?? { first: 0, count: 0 };
      if (first + count <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Blocks in memory, and in a file that nobody else sees. */
class BlockFile {
  #memoryBytes = 0;
  #fd: number | undefined;
  #end = 0;

  put(bytes: Uint8Array): BlockPlace {
    if (this.#memoryBytes + bytes.length <= MEMORY_BYTES_MAX) {
      this.#memoryBytes += bytes.length;
      return { bytes };
    }
    this.#fd ??= openUnseen();
    const at = this.#end;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
    }
    this.#end += bytes.length;
    return { at, length: bytes.length };
  }

  get(place: BlockPlace): Uint8Array {
    if ("bytes" in place) return place.bytes;
    if (this.#fd === undefined) throw new RangeError("the store of readings is closed");
    const bytes = new Uint8Array(place.length);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, place.at + done);
      if (count === 0) throw new RangeError("the store of readings was cut");
      done += count;
    }
    return bytes;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Opened and taken out of its folder at once: it goes with the process, however that ends. */
function openUnseen(): number {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-readings-"));
  try {
    return openSync(join(folder, "blocks"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
