/** The second pass over a file: its readings, in blocks, on the disk where they are many. */
import { closeSync, readSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { openUnseen } from "../kept/kept-file.ts";
import type { Hear } from "./byte-source.ts";
import { BLOCK_READINGS, type CellReader, NumberReader, TextReader } from "./cell-readers.ts";
import type { MetricColumn } from "./declare-metrics.ts";
import { type RowRules, RowTaker, type ScannedDevice } from "./file-scan.ts";
import {
  joinBlocks,
  type ReadingSlice,
  type StoredReadings,
  sliceReadings,
} from "./slice-readings.ts";
import type { UnderstoodFile } from "./understand-file.ts";

/** So much is kept in memory; what comes after goes to a temporary file. */
const MEMORY_BYTES_MAX = 32 << 20;

type ColumnsByDevice = ReadonlyMap<string, readonly MetricColumn[]>;

type BlockPlace = { readonly bytes: Uint8Array } | { readonly at: number; readonly length: number };

const listColumns = ({ devices }: UnderstoodFile): ColumnsByDevice =>
  new Map(devices.map(({ name, columns }) => [name, columns]));

/**
 * Reads a file that was looked through into batches' reach, in constant memory but for the times.
 *
 * @param hear Is given every chunk of bytes of the pass.
 * @returns The readings, and what gives back the temporary file.
 * @throws DataFileError, and the system's error where the temporary file cannot be written.
 */
export function storeReadings(file: UnderstoodFile, hear: Hear, columnsOf = listColumns(file)) {
  const blocks = new BlockFile();
  const byDevice = new Map<string, DeviceStore>();
  for (const { name, count } of file.devices) {
    const columns = columnsOf.get(name) ?? [];
    // A device without any value and without a stream has nothing to be declared or sent.
    if (columns.length > 0) byDevice.set(name, new DeviceStore(name, columns, count, blocks));
  }
  try {
    readBlocks(file, (device, block) => byDevice.get(device)?.add(block), hear, columnsOf);
  } catch (error) {
    blocks.close();
    throw error;
  }
  return { readings: [...byDevice.values()], close: () => blocks.close() };
}

/**
 * Reads a file again, by devices, in blocks of 512 readings; the last of a device may be shorter.
 *
 * @param sink Takes the next readings of a device.
 * @throws DataFileError for the first cell that does not fit.
 */
export function readBlocks(
  file: UnderstoodFile,
  sink: (device: string, block: ReadingSlice) => void,
  hear?: Hear,
  columnsOf = listColumns(file),
): void {
  const { rules } = file;
  const builders = new Map<ScannedDevice, DeviceBlocks>();
  const taker = new RowTaker(rules, (device, timeSec, cells, line) => {
    let builder = builders.get(device);
    if (builder === undefined) {
      builder = new DeviceBlocks(rules, columnsOf.get(device.name) ?? []);
      builders.set(device, builder);
    }
    builder.add(timeSec, cells, line);
    if (builder.isFull) sink(device.name, builder.take());
  });
  rules.table.scan(taker.take, hear);
  for (const [{ name }, builder] of builders) if (!builder.isEmpty) sink(name, builder.take());
}

/** The block of one device that is under way. */
class DeviceBlocks {
  readonly #readers: readonly CellReader[];
  readonly #indices: readonly number[];
  #times = new Float64Array(BLOCK_READINGS);
  #count = 0;

  constructor(rules: RowRules, columns: readonly MetricColumn[]) {
    this.#indices = columns.map(({ index }) => index);
    this.#readers = columns.map((column) =>
      column.plan.kind === "text" ? new TextReader(rules, column) : new NumberReader(rules, column),
    );
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count === BLOCK_READINGS;
  }

  add(timeSec: number, cells: readonly string[], line: number): void {
    const readers = this.#readers;
    for (let m = 0; m < readers.length; m++) {
      readers[m]!.add(cells[this.#indices[m]!] ?? "", line, this.#count);
    }
    this.#times[this.#count++] = timeSec;
  }

  /** The block; begins the next one. */
  take(): ReadingSlice {
    const count = this.#count;
    this.#count = 0;
    return {
      times: this.#times.slice(0, count),
      columns: this.#readers.map((reader) => reader.take(count)),
    };
  }
}

/** The blocks of one device: all but the last are full. */
class DeviceStore implements StoredReadings {
  readonly deviceName: string;
  readonly metrics: StoredReadings["metrics"];
  readonly times: Float64Array;
  readonly #file: BlockFile;
  readonly #places: BlockPlace[] = [];

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
    this.times.set(times, this.#places.length * BLOCK_READINGS);
    this.#places.push(this.#file.put(serialize(columns)));
  }

  slice(from: number, to: number): ReadingSlice {
    const pieces: ReadingSlice[] = [];
    for (let first = from - (from % BLOCK_READINGS); first < to; first += BLOCK_READINGS) {
      const times = this.times.subarray(first, first + BLOCK_READINGS);
      const bytes = this.#file.get(this.#places[first / BLOCK_READINGS]!);
      const columns = deserialize(bytes) as ReadingSlice["columns"];
      const end = Math.min(times.length, to - first);
      pieces.push(sliceReadings({ times, columns }, Math.max(0, from - first), end));
    }
    return joinBlocks(pieces, this.metrics);
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
    writeFileSync(this.#fd, bytes);
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
