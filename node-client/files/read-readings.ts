/** Readings of devices out of a data file: what it says of itself decides, and options do. */
import type { Metric } from "../../spec/readings.ts";
import { fromBytes } from "./byte-source.ts";
import { requireMetrics } from "./declare-metrics.ts";
import type { ReadOptions } from "./read-options.ts";
import { readBlocks } from "./reading-store.ts";
import { joinBlocks, type ReadingSlice } from "./slice-readings.ts";
import { type UnderstoodFile, understandFile } from "./understand-file.ts";

// The door of this folder: a caller that reads readings also cuts and prints them.
export { parseScaled } from "./decimal-text.ts";
export type { ReadOptions } from "./read-options.ts";
export { sliceReadings } from "./slice-readings.ts";

/** All readings of one device, in the order of the file. */
export interface DeviceReadings extends ReadingSlice {
  /** The text of the device column, or the name of an option. */
  readonly deviceName: string;
  /** The same for all devices of a file, but in long form. */
  readonly metrics: Metric[];
}

/**
 * Reads a whole file in memory as readings, per device in order of first appearance.
 *
 * - Every column but the device, the time, times that only repeat the chosen one, and columns that
 *   are empty in every row is a metric, unless `columns` picks and orders them.
 * - Decimal numbers become integers scaled by 10^scale, the digits of the cells unless `scales` says
 *   otherwise, rounded half away from zero; any other column is text. An empty cell is null.
 *
 * @throws DataFileError that names file, line, column and cell, and the option that gets further.
 *
 * @example
 * const [station] = readReadings("device_id,timestamp,rain_mm\na,1700000000,0.25\n");
 * station.columns[0].values; // Float64Array [25], of metric rain_mm at scale 2
 */
export function readReadings(
  text: string | Uint8Array,
  options: ReadOptions = {},
): DeviceReadings[] {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  return collectReadings(understandFile(fromBytes(bytes, options.file ?? "CSV"), options));
}

/**
 * All readings of a file that was looked through, but of devices without any value.
 *
 * @throws DataFileError where there is no value at all.
 */
export function collectReadings(file: UnderstoodFile): DeviceReadings[] {
  const devices = file.devices.filter(({ columns }) => columns.length > 0);
  requireMetrics(
    file.rules,
    devices.map(({ columns }) => columns),
  );
  const blocks = new Map<string, ReadingSlice[]>(devices.map(({ name }) => [name, []]));
  readBlocks(file, (device, block) => blocks.get(device)?.push(block));
  return devices.map((device) => {
    // A copy each, so that one device's declaration can change without the others'.
    const metrics = device.columns.map(({ metric }) => ({ ...metric }));
    return {
      deviceName: device.name,
      metrics,
      ...joinBlocks(blocks.get(device.name) ?? [], metrics),
    };
  });
}
