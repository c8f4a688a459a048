import type { Command } from "commander";
import { generateSample, SAMPLE_NAMES } from "../../files/generate-sample.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Generated readings, the same on every computer: five weather stations' year, or shorter ones of
environment sensors and shops. They are for trying out what takes a CSV file.

Examples:
  $ tallyroll sample > weather.csv
  $ tallyroll sample --of environment | tallyroll submit --csv - --sealed --dev-account 0`;

export function addSampleCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("sample", "print generated readings as CSV, to try the other commands with")
    .choice("--of <what>", "which", SAMPLE_NAMES, "weather")
    .flag("--json", "print one JSON object that holds the text")
    .help(HELP)
    .run(async ({ options }) => {
      const csv = generateSample(options.of);
      await (options.json
        ? terminal.print(formatJson({ of: options.of, csv }))
        : terminal.printData(csv));
    });
}
