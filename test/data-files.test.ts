/** What comes of every file in `cases/files`: a row each, and a file without one is a failure. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXPECTED_COMMON } from "./cases/expected-common.ts";
import { EXPECTED_EXPORTS } from "./cases/expected-exports.ts";
import { EXPECTED_LAYOUTS } from "./cases/expected-layouts.ts";
import { EXPECTED_LOGGERS } from "./cases/expected-loggers.ts";
import { EXPECTED_TIMES } from "./cases/expected-times.ts";
import { EXPECTED_VALUES } from "./cases/expected-values.ts";
import { CASES_FOLDER, showFile } from "./cases/show-readings.ts";

const EXPECTED = {
  ...EXPECTED_COMMON,
  ...EXPECTED_EXPORTS,
  ...EXPECTED_LAYOUTS,
  ...EXPECTED_LOGGERS,
  ...EXPECTED_TIMES,
  ...EXPECTED_VALUES,
};

test("every case file has its row", () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(readdirSync(CASES_FOLDER).sort());
});

describe.each(Object.entries(EXPECTED))("%s", (name, cases) => {
  test.each(cases.map((one) => [JSON.stringify(one.options ?? {}), one] as const))(
    "with %s",
    (_, { options, lines }) => expect(showFile(name, options)).toEqual(lines),
  );
});
