import { listReadings } from "../client/buyer/read-sealed.ts";
import type { ReadOptions } from "../files/read-options.ts";
import { type DeviceReadings, readReadings } from "../files/read-readings.ts";
import { loadSampleData, type SampleName, type SamplePlaces } from "../files/sample-data.ts";
import { DemoError } from "./demo-error.ts";

/** What a device of the demo sends, out of a data file. */
export interface ChosenReadings {
  /** The file's path, or that it was generated. */
  readonly source: string;
  readonly isGenerated: boolean;
  readonly readings: DeviceReadings;
  /** The cells of every row as text, `null` where there is none: to compare with what comes back. */
  readonly cells: readonly (readonly (string | null | undefined)[])[];
}

/** Columns of the weather file, and the decimals that its instruments have: two unless said. */
export const WEATHER = {
  scaleDefault: 2,
  columns: [
    "temperature_celsius",
    "humidity_percent",
    "precipitation_mm",
    "wind_speed_kmh",
    "wind_direction_degrees",
    "visibility_km",
  ],
  scales: { wind_speed_kmh: 1, wind_direction_degrees: 0, visibility_km: 1 },
};

/** The climate of a place, which is for sale, and what its people do, which is not. */
export const CLIMATE = ["temperature_celsius", "humidity_percent"];
export const ENVIRONMENT = {
  scaleDefault: 2,
  columns: [...CLIMATE, "noise_level_db", "lighting_lux", "crowd_density"],
};

/**
 * All rows of the first device in a sample file.
 *
 * @throws ClientError when the file cannot be read, or has other columns.
 */
export function chooseReadings(
  name: SampleName,
  places: SamplePlaces,
  options: Omit<ReadOptions, "file">,
): ChosenReadings {
  const { text, source, generated: isGenerated } = loadSampleData(name, places);
  const [readings] = readReadings(text, { file: source, ...options });
  if (readings === undefined) throw new DemoError(`${source} has readings`);
  const { times, columns, metrics } = readings;
  const listed = listReadings({ batchId: 0, firstSequence: 0, times, columns }, metrics);
  return { source, isGenerated, readings, cells: listed.map(({ values }) => values) };
}
