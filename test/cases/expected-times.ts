/** What must come of the case files of times. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_TIMES: Readonly<Record<string, readonly FileCase[]>> = {
  "t1-elapsed-ms.csv": [
    {
      lines: [
        "refused line 2 column time cell 0: As Unix seconds this would be before the year 2000, so it counts something else. --time-format",
      ],
    },
    {
      options: { timeFormat: "elapsed-ms=2024-05-01T08:00:00Z" },
      lines: [
        "csv, utf-8, time in time, by --time-format, UTC",
        'told: time_fraction ×2 "102" line 3',
        "car: soc scale 1",
        "2024-05-01T08:00:00Z 55.2",
        "2024-05-01T08:00:00Z 55.1",
        "2024-05-01T08:00:30Z 55.0",
      ],
    },
  ],
  "t10-mixed-iso.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_backwards ×1 "2021-10-11T12:55:00Z" line 3',
        "x: v scale 0",
        "2021-10-11T18:59:14Z 1",
        "2021-10-11T12:55:00Z 2",
      ],
    },
  ],
  "t11-utc-suffix.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
      ],
    },
  ],
  "t12-date-only.csv": [
    {
      lines: [
        "refused line 2 column timestamp cell 2024-05-01: This is a date without a time of day. --time --time-format",
      ],
    },
    {
      options: { timeFormat: "date" },
      lines: [
        "csv, utf-8, time in timestamp, date, UTC",
        'told: time_clock_utc ×1 "2024-05-01" line 2',
        "x: v scale 0",
        "2024-05-01T00:00:00Z 1",
      ],
    },
  ],
  "t13-space.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
      ],
    },
  ],
  "t14-lower.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
      ],
    },
  ],
  "t15-24h.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_midnight_24 ×1 "2024-05-01 24:00:00" line 2',
        'told: time_clock_utc ×1 "2024-05-01 24:00:00" line 2',
        "x: v scale 0",
        "2024-05-02T00:00:00Z 1",
      ],
    },
  ],
  "t16-thingspeak.csv": [
    {
      lines: [
        "csv, utf-8, time in created_at, ISO 8601, UTC",
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
      ],
    },
  ],
  "t17-thingspeak2.csv": [
    {
      lines: [
        "refused line 1: There is no device column named like device_id, sensor or station. --device --device-column",
      ],
    },
    {
      options: { device: "garden" },
      lines: [
        "csv, utf-8, time in created_at, ISO 8601, UTC",
        "left out: latitude (empty)",
        "left out: longitude (empty)",
        'told: null_word of field1 ×1 "nan" line 3',
        "garden: entry_id scale 0, field1 scale 1",
        "2024-05-01T08:00:00Z 1 21.5",
        "2024-05-01T08:00:15Z 2 null",
      ],
    },
  ],
  "t18-mixed-unix-iso.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601 and Unix seconds, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:02:00" line 4',
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
        "2024-05-01T08:00:00Z 2",
        "2024-05-01T08:02:00Z 3",
      ],
    },
  ],
  "t19-two-times-disagree.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp_unix, Unix seconds, UTC",
        "told: other_times ×1",
        "x: timestamp text, temp scale 1",
        '2024-05-01T08:00:00Z "2024-05-01 10:00:00" 21.5',
      ],
    },
    {
      options: { timeColumns: ["timestamp"], timeZone: "+02:00" },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, +02:00",
        "left out: timestamp_unix (repeats_time)",
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "t20.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        "told: other_times ×1",
        "x: localtime_unix scale 0, temp scale 1",
        "2024-05-01T08:00:00Z 1714557600 21.5",
      ],
    },
  ],
  "t21-date-time-title.csv": [
    {
      lines: [
        "csv, utf-8, time in Date and Time, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp scale 0",
        "2024-05-01T08:00:00Z 21",
      ],
    },
  ],
  "t23-title-case.csv": [
    {
      lines: [
        "csv, utf-8, time in Timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 0",
        "2024-05-01T08:00:00Z 21",
      ],
    },
  ],
  "t24-other-names.csv": [
    {
      lines: [
        "csv, utf-8, time in ts, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp scale 0",
        "2024-05-01T08:00:00Z 21",
      ],
    },
  ],
  "t25-lorawan.csv": [
    {
      lines: [
        "csv, utf-8, time in received_at, ISO 8601, UTC",
        "70B3D57ED0000001: temp scale 0",
        "2024-05-01T08:00:00Z 21",
        "0004A30B001C0530: temp scale 0",
        "2024-05-01T08:00:00Z 21",
      ],
    },
  ],
  "t26-out-of-order.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×4 "2024-05-01 08:00:00" line 2',
        'told: time_backwards ×2 "2024-05-01T07:00:00Z" line 3',
        'told: time_before_2000 ×1 "1999-01-01T00:00:00Z" line 4',
        'told: time_future ×1 "2099-01-01T00:00:00Z" line 5',
        "x: v scale 0",
        "2024-05-01T08:00:00Z 1",
        "2024-05-01T07:00:00Z 2",
        "1999-01-01T00:00:00Z 3",
        "2099-01-01T00:00:00Z 4",
      ],
    },
  ],
  "t4-excel-serial-day.csv": [
    {
      lines: [
        "refused line 2 column timestamp cell 45413: As Unix seconds this would be before the year 2000, so it counts something else. --time-format",
      ],
    },
    {
      options: { timeFormat: "spreadsheet" },
      lines: [
        "csv, utf-8, time in timestamp, by --time-format, UTC",
        'told: time_clock_utc ×2 "45413" line 2',
        "x: rain scale 1",
        "2024-05-01T00:00:00Z 1.2",
        "2024-05-02T00:00:00Z 0.0",
      ],
    },
  ],
  "t5-excel-serial-time.csv": [
    {
      lines: [
        "refused line 2 column timestamp cell 45413.333333: As Unix seconds this would be before the year 2000, so it counts something else. --time-format",
      ],
    },
    {
      options: { timeFormat: "spreadsheet" },
      lines: [
        "csv, utf-8, time in timestamp, by --time-format, UTC",
        'told: time_clock_utc ×2 "45413.333333" line 2',
        "x: rain scale 1",
        "2024-05-01T08:00:00Z 1.2",
        "2024-05-01T09:00:00Z 0.0",
      ],
    },
  ],
  "t7-ns.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix nanoseconds, UTC",
        'told: time_unix_ns ×2 "1714550400000000000" line 2',
        "x: v scale 0",
        "2024-05-01T08:00:00Z 0",
        "2024-05-01T08:00:01Z -1",
      ],
    },
  ],
  "t8-fraction.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        'told: time_fraction ×2 "1714550400.25" line 2',
        "x: v scale 1",
        "2024-05-01T08:00:00Z 0.1",
        "2024-05-01T08:00:00Z 0.2",
      ],
    },
  ],
  "t9-sci-time.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, Unix seconds, UTC",
        'told: time_exponent ×1 "1.7145504E+09" line 2',
        "x: v scale 1",
        "2024-05-01T08:00:00Z 0.1",
      ],
    },
  ],
};
