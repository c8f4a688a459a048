/** What must come of the case files of common shapes, and one stream's days. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_COMMON: Readonly<Record<string, readonly FileCase[]>> = {
  "k1-semicolon-comma.csv": [
    {
      lines: [
        'csv, utf-8, separator ";", decimal ,, time in timestamp, ISO 8601, UTC',
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "told: decimal_comma",
        "a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T09:00:00Z 21.7",
      ],
    },
    {
      options: { decimal: "." },
      lines: [
        'csv, utf-8, separator ";", time in timestamp, ISO 8601, UTC',
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: other_mark_in_text of temp ×2 "21,5" line 2',
        "a: temp text",
        '2024-05-01T08:00:00Z "21,5"',
        '2024-05-01T09:00:00Z "21,7"',
      ],
    },
    {
      options: { separator: "," },
      lines: [
        "refused line 1: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
  ],
  "k2-epoch-ms.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix milliseconds, UTC",
        'told: time_unix_ms ×2 "1714550400000" line 2',
        "a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.7",
      ],
    },
  ],
  "k3-iso-offset-fraction.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_fraction ×2 "2024-05-01T08:00:00.123+02:00" line 2',
        "a: temp scale 1",
        "2024-05-01T06:00:00Z 21.5",
        "2024-05-01T06:01:00Z 21.7",
      ],
    },
  ],
  "k4-date-time-columns.csv": [
    {
      lines: [
        "csv, utf-8, time in date and time, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.7",
      ],
    },
    {
      options: { timeColumns: ["date", "time"], timeZone: "Europe/Amsterdam" },
      lines: [
        "csv, utf-8, time in date and time, ISO 8601, Europe/Amsterdam",
        "a: temp scale 1",
        "2024-05-01T06:00:00Z 21.5",
        "2024-05-01T06:01:00Z 21.7",
      ],
    },
  ],
  "k5-us-dates.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, day and month, UTC",
        'told: time_order_needed ×2 "05/01/2024 08:00:00" line 2',
        'told: time_clock_utc ×2 "05/01/2024 08:00:00" line 2',
        "a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-13T08:01:00Z 21.7",
      ],
    },
    {
      options: { timeFormat: "day-first" },
      lines: [
        "refused line 3 column timestamp cell 05/13/2024 08:01:00: There is no such day or time of day. --time-format",
      ],
    },
  ],
  "k6-no-device.csv": [
    {
      lines: [
        "refused line 1: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
    {
      options: { device: "roof" },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "roof: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.7",
      ],
    },
  ],
  "k7-long.csv": [
    {
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        "told: long_form of entity_id",
        'told: time_fraction ×2 "2024-06-11T22:51:14.066Z" line 3',
        'told: null_word of state ×1 "unavailable" line 3',
        "sensor.meter: state scale 2",
        "2024-06-11T22:00:00Z 312.48",
        "2024-06-11T22:51:14Z null",
        "sensor.power: state scale 1",
        "2024-06-11T22:58:07Z 1.5",
      ],
    },
    {
      options: { long: ["entity_id", "state"] },
      lines: [
        "csv, utf-8, time in last_changed, ISO 8601, UTC",
        'told: time_fraction ×2 "2024-06-11T22:51:14.066Z" line 3',
        'told: null_word of state ×1 "unavailable" line 3',
        "sensor.meter: state scale 2",
        "2024-06-11T22:00:00Z 312.48",
        "2024-06-11T22:51:14Z null",
        "sensor.power: state scale 1",
        "2024-06-11T22:58:07Z 1.5",
      ],
    },
  ],
  "k8-influx-annotated.csv": [
    {
      lines: [
        "influx, utf-8, time in time, ISO 8601, UTC",
        "env,host=a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.7",
      ],
    },
  ],
  "k9-nan.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×3 "2024-05-01 08:00:00" line 2',
        'told: null_word of temp ×1 "NaN" line 3',
        "a: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z null",
        "2024-05-01T08:02:00Z 21.6",
      ],
    },
  ],
  "s1-day1.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "w1: temp scale 1, cond text",
        '2024-05-01T08:00:00Z 21.5 "Rain"',
        '2024-05-01T08:01:00Z 21.6 "Clear"',
      ],
    },
  ],
  "s1-day2-empty-text.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "left out: cond (empty)",
        'told: time_clock_utc ×2 "2024-05-02 08:00:00" line 2',
        "w1: temp scale 1",
        "2024-05-02T08:00:00Z 21.5",
        "2024-05-02T08:01:00Z 21.6",
      ],
    },
  ],
  "s1-day3-empty-num.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "left out: temp (empty)",
        'told: time_clock_utc ×2 "2024-05-03 08:00:00" line 2',
        "w1: cond text",
        '2024-05-03T08:00:00Z "Rain"',
        '2024-05-03T08:01:00Z "Rain"',
      ],
    },
  ],
  "s1-day4-unavail.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "left out: temp (empty)",
        'told: time_clock_utc ×1 "2024-05-04 08:00:00" line 2',
        "w1: cond text",
        '2024-05-04T08:00:00Z "Rain"',
      ],
    },
  ],
  "s1-day5-order.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-05 08:00:00" line 2',
        "w1: cond text, temp scale 1",
        '2024-05-05T08:00:00Z "Rain" 20.1',
      ],
    },
  ],
  "s1-day6-newcol.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-06 08:00:00" line 2',
        "w1: temp scale 1, cond text, uv scale 0",
        '2024-05-06T08:00:00Z 20.1 "Rain" 3',
      ],
    },
  ],
};
