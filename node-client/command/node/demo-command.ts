import type { Command } from "commander";
import { runDemo } from "../../demo/run-demo.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { addJsonOption } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Needs no network and no keys: a development chain (anvil), Cartesi's contracts, an application and a
node are started on free ports, in a temporary folder, and are gone afterwards. Readings come from
weather.csv and environment.csv in TALLYROLL_DATA, else in ../shared/data beside the project, else
they are generated. Exit code 0 only if every step held.

Examples:
  $ tallyroll demo
  $ tallyroll demo --json | tail -n 1`;

export function addDemoCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local(
      "demo",
      "show the way of a reading on a chain of its own, from device to verified replay",
    )
    .with(addJsonOption)
    .help(HELP)
    .run(async ({ options: { json } }) => {
      const interruption = new AbortController();
      const forget = terminal.io.onInterrupt?.(() => {
        if (!interruption.signal.aborted) terminal.note("Stopping chain and node …");
        interruption.abort();
      });
      try {
        const facts = await runDemo({
          places: {
            dataFolder: terminal.io.env.TALLYROLL_DATA,
            projectRoot: terminal.io.projectRoot,
          },
          anvilBinary: terminal.io.env.TALLYROLL_ANVIL || undefined,
          interrupted: interruption.signal,
          print: (line) => terminal.print(`${line}\n`),
        });
        if (json) await terminal.print(formatJson(facts));
      } finally {
        forget?.();
      }
    });
}
