import { type Command, Option } from "commander";
import { generateSample, SAMPLE_NAMES, type SampleName } from "../../files/generate-sample.ts";
import { jsonOption } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Generated readings, the same on every computer: five weather stations' year, or shorter ones of
environment sensors and shops. They are for trying out what takes a CSV file.

Examples:
  $ tallyroll sample > weather.csv
  $ tallyroll sample --of environment | tallyroll submit --csv - --sealed --dev-account 0`;

export function addSampleCommand(program: Command, terminal: Terminal): void {
  program
    .command("sample")
    .description("print generated readings as CSV, to try the other commands with")
    .addOption(new Option("--of <what>", "which").choices(SAMPLE_NAMES).default("weather"))
    .addOption(jsonOption("print one JSON object that holds the text"))
    .addHelpText("after", HELP)
    .action(async (options: { readonly of: SampleName; readonly json: boolean }) => {
      const csv = generateSample(options.of);
      await (options.json
        ? terminal.print(formatJson({ of: options.of, csv }))
        : terminal.printData(csv));
    });
}
