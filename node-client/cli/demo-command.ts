import type { Command } from "commander";
import { runDemo } from "../demo/run-demo.ts";
import type { ExitCode, Io } from "./io.ts";
import { jsonOption } from "./parse-arguments.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `
Needs no chain, no network and no keys: everything is made on the spot and forgotten. Readings come
from weather.csv in TALLYROLL_DATA, else in ../shared/data beside the project, else they are
generated. Exit code 0 only if every step held.

Examples:
  $ tallyroll demo
  $ tallyroll demo --json | tail -n 1`;

/** `tallyroll demo`: the way of a reading from the device to the verified replay. */
export function addDemoCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  program
    .command("demo")
    .description("show the way of a reading, from the device to a verified replay")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async ({ json }: { readonly json: boolean }) => {
      const facts = await runDemo(
        { dataFolder: io.env.TALLYROLL_DATA, projectRoot: io.projectRoot },
        (line) => terminal.print(`${line}\n`),
      );
      if (json) await terminal.print(`${JSON.stringify(facts)}\n`);
      exit(0);
    });
}
