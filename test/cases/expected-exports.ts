/** What must come of the case files of exports. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_EXPORTS: Readonly<Record<string, readonly FileCase[]>> = {
  "a1-ha-history.csv": [
    {
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        'told: time_fraction ×2 "2025-06-30T23:10:04.312Z" line 4',
        'told: null_word of state ×1 "unavailable" line 4',
        "sensor.grid_import: state scale 9",
        "2025-06-30T22:00:00Z 20417.318359375",
        "2025-06-30T23:00:00Z 20417.502929688",
        "2025-06-30T23:10:04Z null",
        "2025-07-01T00:00:00Z 20417.800000000",
        "sensor.kitchen_motion: state text",
        '2025-06-30T23:10:05Z "off"',
      ],
    },
    {
      options: { texts: ["state"] },
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        'told: time_fraction ×2 "2025-06-30T23:10:04.312Z" line 4',
        "sensor.grid_import: state text",
        '2025-06-30T22:00:00Z "20417.318359375"',
        '2025-06-30T23:00:00Z "20417.502929688"',
        '2025-06-30T23:10:04Z "unavailable"',
        '2025-07-01T00:00:00Z "20417.8"',
        "sensor.kitchen_motion: state text",
        '2025-06-30T23:10:05Z "off"',
      ],
    },
  ],
  "a1b-ha-clean.csv": [
    {
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        "sensor.grid_import: state scale 9",
        "2025-06-30T22:00:00Z 20417.318359375",
        "2025-06-30T23:00:00Z 20417.502929688",
        "2025-07-01T00:00:00Z 20417.800000000",
        "sensor.kitchen_motion: state text",
        '2025-06-30T23:10:05Z "off"',
      ],
    },
  ],
  "a1c-ha-numbers.csv": [
    {
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        "sensor.grid_import: state scale 9",
        "2025-06-30T22:00:00Z 20417.318359375",
        "2025-06-30T23:00:00Z 20417.502929688",
        "2025-07-01T00:00:00Z 20417.800000000",
      ],
    },
    {
      options: { scales: { state: 3 } },
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        'told: rounded of state ×2 "20417.318359375" line 2',
        "sensor.grid_import: state scale 3",
        "2025-06-30T22:00:00Z 20417.318",
        "2025-06-30T23:00:00Z 20417.503",
        "2025-07-01T00:00:00Z 20417.800",
      ],
    },
  ],
  "a1d-kwh-thousandths.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        "left out: unit (gives_unit)",
        "told: long_form of statistic_id",
        'told: time_clock_utc ×3 "2025-05-11 00:00:00" line 2',
        "sensor.comm_share: state scale 3 kWh, sum scale 3 kWh",
        "2025-05-11T00:00:00Z 0.001 0.001",
        "2025-05-11T01:00:00Z 0.001 0.002",
        "2025-05-11T02:00:00Z 0.003 0.005",
      ],
    },
  ],
  "a1e-quoted-decimal-comma.csv": [
    {
      lines: [
        "csv, utf-8, decimal ,, time in timestamp, ISO 8601, UTC",
        "told: decimal_comma",
        "fridge: energy scale 2",
        "2024-06-11T22:00:00Z 312.48",
        "2024-06-11T22:51:00Z 312.50",
        "2024-06-11T22:58:00Z 312.53",
      ],
    },
  ],
  "a2-row-counter-id.csv": [
    {
      lines: [
        "refused line 1: The column id is new in every row, so it names no device. --device --device-column",
      ],
    },
    {
      options: { deviceColumn: "ida" },
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        'told: rounded of latitude ×1 "51.103220000000004" line 2',
        'told: boolean of ground ×3 "False" line 2',
        "tx-0A12: id scale 0, latitude scale 9, longitude scale 6, altitude scale 0, speed scale 0, ground text, leg text, date text",
        '2020-09-13T12:31:15Z 0 51.103220000 6.812340 31000 430 "False" "TST8786" "2020-09-13"',
        '2020-09-13T12:31:30Z 1 51.109011000 6.815401 30975 430 "False" "TST8786" "2020-09-13"',
        '2020-09-13T12:31:45Z 2 51.114802000 6.818462 30950 429 "False" "TST8786" "2020-09-13"',
      ],
    },
  ],
  "a2b-same-times.csv": [
    {
      lines: [
        "csv, utf-8, time in time, ISO 8601, UTC",
        'told: time_clock_utc ×4 "2021-03-04 10:15:20" line 2',
        "m1: value scale 5",
        "2021-03-04T10:15:20Z 17.30000",
        "2021-03-04T10:15:20Z 17.60000",
        "2021-03-04T10:15:31Z 17.60125",
        "2021-03-04T10:15:31Z 17.60125",
      ],
    },
  ],
  "a2c-row-counter-300.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        "van-1: id scale 0, odometer_km scale 6 km",
        "2020-09-13T12:26:40Z 700 8123.450125",
        "2020-09-13T12:27:40Z 701 8123.720125",
        "2020-09-13T12:28:40Z 702 8123.990125",
        "2020-09-13T12:29:40Z 703 8124.260125",
        "2020-09-13T12:30:40Z 704 8124.530125",
        "2020-09-13T12:31:40Z 705 8124.800125",
        "… 300 readings",
      ],
    },
  ],
  "a3c-linky.csv": [
    {
      lines: [
        "refused line 1: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
    {
      options: { device: "prm", timeZone: "Europe/Paris" },
      lines: [
        'csv, utf-8, separator ";", decimal ,, time in Début, day and month, Europe/Paris',
        'told: time_order_needed ×2 "14/02/2023 00:00:00" line 2',
        "told: other_times ×1",
        "told: decimal_comma",
        "prm: Fin text, Valeur scale 3 kW",
        '2023-02-13T23:00:00Z "14/02/2023 00:30:00" 2.750',
        '2023-02-13T23:30:00Z "14/02/2023 01:00:00" 2.715',
      ],
    },
  ],
  "a3d-enedis.csv": [
    {
      lines: [
        "refused line 3: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
    {
      options: { device: "prm" },
      lines: [
        'csv, utf-8, separator ";", header in line 3, time in Horodate, ISO 8601, UTC',
        "told: lines_before_header ×2",
        "prm: Valeur scale 0",
        "2022-12-31T23:00:00Z 512",
        "2023-03-26T01:00:00Z 498",
      ],
    },
  ],
};
