import type { Command } from "commander";
import { CommandGroup } from "../operation/command-group.ts";
import { addJsonOption } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

const BENCH_PARTS = [
  ...(["engine", "files", "settlement", "retention"] as const),
  ...(["end-to-end", "single-inputs"] as const),
] as const;

const HELP = `
Measures on the sample data: in --data or TALLYROLL_DATA, else in ../shared/data beside the project,
else generated stand-ins of the same shape (then said so: those figures are only comparable).

Examples:
  $ tallyroll bench
  $ tallyroll bench --quick --json | tail -n 1
  $ tallyroll bench --only end-to-end single-inputs`;

export function addBenchCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("bench", "measure throughput, latency, payload sizes and replay speed")
    .flag("--quick", "fewer and shorter runs, for a first impression")
    .choice("--only <parts...>", "only these figures", BENCH_PARTS, [], "all")
    .option("--data <folder>", "where weather.csv, environment.csv and retail.csv are")
    .with(addJsonOption)
    .help(HELP)
    .run(async ({ options: { json, quick, only, data } }) => {
      // Loaded only here: no other command needs the workers and servers that it measures.
      const { runBench } = await import("../../bench/run-bench.ts");
      // It prints in between and does not wait: the order is kept here, and the last one awaited.
      let printed = Promise.resolve();
      await runBench(
        { json, quick, only, data: data ?? terminal.io.env.TALLYROLL_DATA },
        {
          print: (text) => {
            printed = printed.then(() => terminal.print(`${text}\n`));
          },
          progress: (text) => terminal.progress(() => text),
        },
      );
      terminal.endProgress();
      await printed;
    });
}
