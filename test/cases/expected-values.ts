/** What must come of the case files of values. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_VALUES: Readonly<Record<string, readonly FileCase[]>> = {
  "v1-sci.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: exponent of current_a ×1 "2.5E-05" line 2',
        'told: exponent of mass ×2 "1.2e3" line 2',
        "x: current_a scale 6, mass scale 0",
        "2024-05-01T08:00:00Z 0.000025 1200",
        "2024-05-01T08:01:00Z 0.004200 1300",
      ],
    },
  ],
  "v10-unicode-minus.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: other_minus of v ×2 "−5.2" line 2',
        "x: v scale 1",
        "2024-05-01T08:00:00Z -5.2",
        "2024-05-01T08:01:00Z -5.3",
      ],
    },
  ],
  "v11-inf.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: null_word of v ×1 "Infinity" line 2',
        "x: v scale 0",
        "2024-05-01T08:00:00Z null",
        "2024-05-01T08:01:00Z 1",
      ],
    },
  ],
  "v12-excel-id.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: damaged_names ×1 "2.31282E+13"',
        "2.31282E+13: v scale 0",
        "2024-05-01T08:00:00Z 5",
        "2024-05-01T08:00:00Z 6",
      ],
    },
  ],
  "v13-names.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Torque, Nm scale 1, a=b scale 2",
        "2024-05-01T08:00:00Z 21.5 3.25",
      ],
    },
    {
      options: { scales: { "a=b": 1 }, texts: ["Torque, Nm"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        'told: rounded of a=b ×1 "3.25" line 2',
        "x: Torque, Nm text, a=b scale 1",
        '2024-05-01T08:00:00Z "21.5" 3.3',
      ],
    },
  ],
  "v14-case-dup.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp scale 0, Temp scale 0",
        "2024-05-01T08:00:00Z 1 2",
      ],
    },
    {
      options: { columns: ["Temp"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 0",
        "2024-05-01T08:00:00Z 2",
      ],
    },
    {
      options: { scales: { Temp: 2 }, texts: ["temp"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp text, Temp scale 2",
        '2024-05-01T08:00:00Z "1" 2.00',
      ],
    },
    {
      options: { texts: ["TEMP"] },
      lines: ["refused line 1 column TEMP: There is no such column to take as text. --text"],
    },
  ],
  "v15-hex-like-exponent.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: exponent of card ×2 "12E5" line 2',
        "x: card scale 0",
        "2024-05-01T08:00:00Z 1200000",
        "2024-05-01T08:01:00Z 3400",
      ],
    },
    {
      options: { texts: ["card"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "x: card text",
        '2024-05-01T08:00:00Z "12E5"',
        '2024-05-01T08:01:00Z "34E2"',
      ],
    },
  ],
  "v2-idlike.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: leading_zero of meter_serial ×2 "0006123" line 2',
        'told: telling_zeros of fw "1.10" line 2',
        'told: leading_zero of plz ×2 "01067" line 2',
        "x: meter_serial text, fw text, plz text, imei scale 0",
        '2024-05-01T08:00:00Z "0006123" "1.10" "01067" 490154203237518',
        '2024-05-01T08:01:00Z "0006123" "1.9" "01067" 490154203237518',
      ],
    },
    {
      options: { texts: ["imei"], scales: { plz: 0 } },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: leading_zero of meter_serial ×2 "0006123" line 2',
        'told: telling_zeros of fw "1.10" line 2',
        "x: meter_serial text, fw text, plz scale 0, imei text",
        '2024-05-01T08:00:00Z "0006123" "1.10" 1067 "490154203237518"',
        '2024-05-01T08:01:00Z "0006123" "1.9" 1067 "490154203237518"',
      ],
    },
  ],
  "v2b-idlike.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: leading_zero of meter_serial ×2 "0006123" line 2',
        'told: telling_zeros of fw "1.10" line 2',
        'told: leading_zero of plz ×2 "01067" line 2',
        "x: meter_serial text, fw text, plz text",
        '2024-05-01T08:00:00Z "0006123" "1.10" "01067"',
        '2024-05-01T08:01:00Z "0006123" "1.9" "01067"',
      ],
    },
  ],
  "v3-hugeint.csv": [
    {
      lines: [
        "refused line 2 column vehicle_id cell 90071992547409931: At 0 decimals the number is beyond ±562949953421312. --text",
      ],
    },
    {
      options: { texts: ["vehicle_id"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: vehicle_id text",
        '2024-05-01T08:00:00Z "90071992547409931"',
      ],
    },
  ],
  "v4-thousands.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: thousands of energy ×2 "1,234.5" line 2',
        "x: energy scale 1",
        "2024-05-01T08:00:00Z 1234.5",
        "2024-05-01T08:01:00Z 1235.5",
      ],
    },
  ],
  "v5-unit-in-cell.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: unit_in_cells of temp ×2 "21.5 °C" line 2',
        "x: temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.6",
      ],
    },
  ],
  "v6-mostly-unavailable.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×3 "2024-05-01 08:00:00" line 2',
        'told: null_word of temp ×1 "unavailable" line 2',
        'told: null_word of temp ×1 "unknown" line 3',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z null",
        "2024-05-01T08:01:00Z null",
        "2024-05-01T08:02:00Z 21.5",
      ],
    },
  ],
  "v7-sentinel.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: sentinel of temp ×1 "-999" line 2',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z -999.0",
        "2024-05-01T08:01:00Z 21.5",
      ],
    },
    {
      options: { nulls: ["-999"] },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: null_word of temp ×1 "-999" line 2',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z null",
        "2024-05-01T08:01:00Z 21.5",
      ],
    },
  ],
  "v8-leading-space.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: space of temp ×2 " 21.5" line 2',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.6",
      ],
    },
  ],
  "v9-bool.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: boolean of on ×2 "True" line 2',
        "x: on text",
        '2024-05-01T08:00:00Z "True"',
        '2024-05-01T08:01:00Z "False"',
      ],
    },
    {
      options: { scales: { on: 0 } },
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        'told: boolean of on ×2 "True" line 2',
        "x: on scale 0",
        "2024-05-01T08:00:00Z 1",
        "2024-05-01T08:01:00Z 0",
      ],
    },
  ],
};
