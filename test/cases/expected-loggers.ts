/** What must come of the case files of loggers. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_LOGGERS: Readonly<Record<string, readonly FileCase[]>> = {
  "a4-dst-local.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        'told: time_clock_utc ×6 "2024-10-27 01:30:00" line 2',
        'told: time_backwards ×1 "2024-10-27T02:00:00Z" line 5',
        "0071234: kwh scale 3",
        "2024-10-27T01:30:00Z 0.251",
        "2024-10-27T02:00:00Z 0.262",
        "2024-10-27T02:30:00Z 0.273",
        "2024-10-27T02:00:00Z 0.284",
        "2024-10-27T02:30:00Z 0.295",
        "2024-10-27T03:00:00Z 0.306",
      ],
    },
    {
      options: { timeZone: "Europe/Amsterdam" },
      lines: [
        "csv, utf-8, time in time, ISO 8601, Europe/Amsterdam",
        'told: time_clock_twice ×4 "2024-10-27 02:00:00" line 3',
        "0071234: kwh scale 3",
        "2024-10-26T23:30:00Z 0.251",
        "2024-10-27T00:00:00Z 0.262",
        "2024-10-27T00:30:00Z 0.273",
        "2024-10-27T01:00:00Z 0.284",
        "2024-10-27T01:30:00Z 0.295",
        "2024-10-27T02:00:00Z 0.306",
      ],
    },
  ],
  "a4b-no-seconds.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2025-06-15 00:00" line 2',
        "p1: kwh scale 3",
        "2025-06-15T00:00:00Z 741.215",
        "2025-06-15T01:00:00Z 741.600",
      ],
    },
  ],
  "a4c-offset.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        "p1: kwh scale 3",
        "2025-06-14T22:00:00Z 741.215",
      ],
    },
  ],
  "a4d-gap-hour.csv": [
    {
      options: { timeZone: "Europe/Amsterdam" },
      lines: ["refused line 2 column time cell 2025-03-30 02:30:00: it did not exist. --time-zone"],
    },
    {
      options: { timeZone: "+01:00" },
      lines: [
        "csv, utf-8, time in time, ISO 8601, +01:00",
        "p1: kwh scale 3",
        "2025-03-30T01:30:00Z 741.215",
      ],
    },
  ],
  "a4e-dst-second-file.csv": [
    {
      options: { timeZone: "Europe/Amsterdam" },
      lines: [
        "refused line 2 column time cell 2024-10-27 02:30:00: The clocks of the time zone were put back, so this time was twice, and no row before it tells which. --time-zone",
      ],
    },
    {
      options: { timeZone: "+01:00" },
      lines: [
        "csv, utf-8, time in time, ISO 8601, +01:00",
        "0071234: kwh scale 3",
        "2024-10-27T01:30:00Z 0.295",
        "2024-10-27T02:30:00Z 0.400",
      ],
    },
  ],
  "a4f-excel-lost-zeros.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-10-28 03:30:00" line 2',
        "71234: kwh scale 1",
        "2024-10-28T03:30:00Z 0.4",
      ],
    },
  ],
  "a6c-ragged.csv": [
    {
      lines: [
        "refused line 3: The row has 3 cells where the header has 5. --skip-short-rows --separator --skip-rows",
      ],
    },
    {
      options: { skipShortRows: true },
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        "told: short_rows ×1 line 3",
        "x: temperature scale 2, humidity scale 2, pressure scale 2",
        "2020-09-13T12:26:40Z 20.10 47.30 94120.50",
      ],
    },
  ],
  "a7-torque.csv": [
    {
      lines: [
        "refused line 1: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
    {
      options: { device: "car" },
      lines: [
        "csv, utf-8, time in GPS Time, month by name, UTC",
        "left out: Torque(Nm) (empty)",
        'told: time_future ×2 "2026-06-02T08:14:26Z" line 2',
        "told: other_times ×1",
        'told: null_word of Engine Coolant Temperature(°C) ×1 "-" line 2',
        "car: Device Time text, Longitude scale 7, Latitude scale 7, GPS Speed scale 1 m/s, Engine Coolant Temperature scale 1 Cel",
        '2026-06-02T08:14:26Z "02-Jun-2026 09:14:26.102" -9.1393366 38.7222524 0.0 null',
        '2026-06-02T08:14:27Z "02-Jun-2026 09:14:27.102" -9.1393370 38.7222531 0.3 88.0',
      ],
    },
    {
      options: {
        device: "car",
        timeColumns: ["Device Time"],
        timeFormat: "DD-MMM-YYYY HH:mm:ss.SSS",
        timeZone: "+01:00",
      },
      lines: [
        "csv, utf-8, time in Device Time, by --time-format, +01:00",
        "left out: Torque(Nm) (empty)",
        'told: time_fraction ×2 "02-Jun-2026 09:14:26.102" line 2',
        'told: time_future ×2 "2026-06-02T08:14:26Z" line 2',
        'told: null_word of Engine Coolant Temperature(°C) ×1 "-" line 2',
        "car: GPS Time text, Longitude scale 7, Latitude scale 7, GPS Speed scale 1 m/s, Engine Coolant Temperature scale 1 Cel",
        '2026-06-02T08:14:26Z "Tue Jun 02 09:14:26 GMT+01:00 2026" -9.1393366 38.7222524 0.0 null',
        '2026-06-02T08:14:27Z "Tue Jun 02 09:14:27 GMT+01:00 2026" -9.1393370 38.7222531 0.3 88.0',
      ],
    },
  ],
  "a8-many-columns.csv": [
    {
      lines: [
        "csv, utf-8, time in date, ISO 8601, UTC",
        "left out: c0 (empty)",
        "left out: c1 (empty)",
        "left out: c2 (empty)",
        "left out: c3 (empty)",
        "left out: c4 (empty)",
        "left out: c5 (empty)",
        "left out: c6 (empty)",
        "left out: c7 (empty)",
        "left out: c8 (empty)",
        "left out: c9 (empty)",
        "left out: c10 (empty)",
        "left out: c11 (empty)",
        "left out: c12 (empty)",
        "left out: c13 (empty)",
        "left out: c14 (empty)",
        "left out: c15 (empty)",
        "left out: c16 (empty)",
        "left out: c17 (empty)",
        "left out: c18 (empty)",
        "left out: c19 (empty)",
        'told: time_clock_utc ×2 "2019-12-09 11:17:37" line 2',
        "TEST: id scale 0, c20 scale 1, c21 scale 1, c22 scale 1, c23 scale 1, c24 scale 1, c25 scale 1, c26 scale 1, c27 scale 1, c28 scale 1, c29 scale 1, c30 scale 1, c31 scale 1, c32 scale 1, c33 scale 1, c34 scale 1, c35 scale 1, c36 scale 1, c37 scale 1, c38 scale 1, c39 scale 1",
        "2019-12-09T11:17:37Z 1 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5",
        "2019-12-09T11:18:37Z 2 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6 1.6",
      ],
    },
  ],
  "a9-ha-energy-wide.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        "left out: unit (gives_unit)",
        "told: time_columns ×2",
        "sensor.grid: value scale 1 kWh, type text",
        '2024-03-31T22:00:00Z 4.2 "grid_consumption"',
        '2024-04-01T22:00:00Z 3.9 "grid_consumption"',
      ],
    },
  ],
};
