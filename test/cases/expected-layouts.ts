/** What must come of the case files of encodings and layouts. */
import type { FileCase } from "./show-readings.ts";

export const EXPECTED_LAYOUTS: Readonly<Record<string, readonly FileCase[]>> = {
  "e1-latin1.csv": [
    { lines: ["refused line 1: The text is not UTF-8. --encoding"] },
    {
      options: { encoding: "latin1" },
      lines: [
        "csv, windows-1252, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e10-senml.json": [
    {
      lines: [
        "senml, utf-8, time in time, Unix seconds, UTC",
        "urn:dev:mac:0024befffe804ff1: temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.7",
      ],
    },
  ],
  "e11-ttn.ndjson": [
    {
      lines: [
        "ndjson, utf-8, time in received_at, ISO 8601, UTC",
        'told: time_fraction ×1 "2024-05-01T08:00:00.123456789Z" line 1',
        "soil-1: end_device_ids.dev_eui text, uplink_message.f_cnt scale 0, uplink_message.decoded_payload.temp scale 1",
        '2024-05-01T08:00:00Z "70B3D57ED0000001" 17 21.5',
      ],
    },
  ],
  "e13-empty.csv": [{ lines: ["refused: The file is empty."] }],
  "e14-header-only.csv": [{ lines: ["refused: There are no readings."] }],
  "e15-nul.csv": [
    {
      lines: [
        "refused line 2: The text holds a NUL, so it is damaged or of another encoding. --encoding",
      ],
    },
  ],
  "e17.csv.gz": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp scale 0",
        "2024-05-01T08:00:00Z 1",
      ],
    },
  ],
  "e2-utf16.csv": [
    {
      lines: [
        "csv, utf-16le, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e3-bom-crlf.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e3b-bom-quoted.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: Temp scale 1 Cel",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e4-sep-line.csv": [
    {
      lines: [
        "csv, utf-8, header in line 2, time in timestamp, ISO 8601, UTC",
        "told: lines_before_header ×1",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 3',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e5-quoted-newline.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "x: note text, temp scale 1",
        '2024-05-01T08:00:00Z "filter\\nchanged" 21.5',
        "2024-05-01T08:01:00Z null 21.6",
      ],
    },
  ],
  "e6-hash-comments.csv": [
    {
      lines: [
        "csv, utf-8, header in line 3, time in timestamp, ISO 8601, UTC",
        "told: lines_before_header ×2",
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 4',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
  "e7-trailing-comma.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "left out: column 4 (empty)",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.6",
      ],
    },
  ],
  "e8-empty-rows.csv": [
    {
      lines: [
        "csv, utf-8, time in timestamp, ISO 8601, UTC",
        "told: empty_lines ×1",
        'told: time_clock_utc ×2 "2024-05-01 08:00:00" line 2',
        "told: empty_rows ×1",
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
        "2024-05-01T08:01:00Z 21.6",
      ],
    },
  ],
  "e9-tab.tsv": [
    {
      lines: [
        'csv, utf-8, separator "\\t", time in timestamp, ISO 8601, UTC',
        'told: time_clock_utc ×1 "2024-05-01 08:00:00" line 2',
        "x: temp scale 1",
        "2024-05-01T08:00:00Z 21.5",
      ],
    },
  ],
};
