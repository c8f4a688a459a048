/** The second pass over a file: its readings, in blocks, as the first pass said they are. */
import type { Hear } from "./byte-source.ts";
import { BLOCK_READINGS, type CellReader, NumberReader, TextReader } from "./cell-readers.ts";
import type { MetricColumn } from "./declare-metrics.ts";
import { type RowRules, RowTaker, type ScannedDevice } from "./file-scan.ts";
import type { ReadingSlice } from "./slice-readings.ts";
import type { UnderstoodFile } from "./understand-file.ts";

/** Takes the next readings of a device. */
type BlockSink = (device: string, block: ReadingSlice) => void;

/**
 * Reads a file again, by devices, in blocks of at most 512 readings.
 *
 * @param metricsOf What each device's readings are; as the first pass found it when absent.
 * @param hear Is given every chunk of bytes of the pass.
 * @throws DataFileError for the first cell that does not fit.
 */
export function readBlocks(
  file: UnderstoodFile,
  sink: BlockSink,
  metricsOf?: (device: string) => readonly MetricColumn[],
  hear?: Hear,
): void {
  const { rules } = file;
  const found = new Map(file.devices.map((device) => [device.name, file.metricsOf(device)]));
  const builders = new Map<ScannedDevice, DeviceBlocks | undefined>();
  const taker = new RowTaker(rules, (device, timeSec, cells, line) => {
    let builder = builders.get(device);
    if (builder === undefined) {
      if (builders.has(device)) return;
      const metrics = metricsOf?.(device.name) ?? found.get(device.name) ?? [];
      if (metrics.length > 0) builder = new DeviceBlocks(rules, device.name, metrics, sink);
      builders.set(device, builder);
      if (builder === undefined) return;
    }
    builder.add(timeSec, cells, line);
  });
  rules.table.scan(taker.take, hear);
  for (const builder of builders.values()) builder?.flush();
}

/** The block of one device that is under way. */
class DeviceBlocks {
  readonly #device: string;
  readonly #readers: readonly CellReader[];
  readonly #indices: readonly number[];
  readonly #sink: BlockSink;
  #times = new Float64Array(BLOCK_READINGS);
  #count = 0;

  constructor(rules: RowRules, device: string, columns: readonly MetricColumn[], sink: BlockSink) {
    this.#device = device;
    this.#sink = sink;
    this.#indices = columns.map(({ index }) => index);
    this.#readers = columns.map((column) =>
      column.plan.kind === "text" ? new TextReader(rules, column) : new NumberReader(rules, column),
    );
  }

  add(timeSec: number, cells: readonly string[], line: number): void {
    const readers = this.#readers;
    for (let m = 0; m < readers.length; m++) {
      readers[m]!.add(cells[this.#indices[m]!] ?? "", line, this.#count);
    }
    this.#times[this.#count++] = timeSec;
    if (this.#count === BLOCK_READINGS) this.flush();
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#sink(this.#device, {
      times: this.#times.slice(0, count),
      columns: this.#readers.map((reader) => reader.take(count)),
    });
  }
}
