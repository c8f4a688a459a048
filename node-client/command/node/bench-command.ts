import { type Command, Option } from "commander";
import type { BenchPart } from "../../bench/run-bench.ts";
import { jsonOption } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface BenchOptions {
  readonly json: boolean;
  readonly quick: boolean;
  readonly only: readonly BenchPart[];
  readonly data?: string;
}

const BENCH_PARTS: readonly BenchPart[] = [
  "engine",
  "files",
  "settlement",
  "end-to-end",
  "single-inputs",
];

const HELP = `
Measures on the sample data: in --data or TALLYROLL_DATA, else in ../shared/data beside the project,
else generated stand-ins of the same shape (then said so: those figures are only comparable).

Examples:
  $ tallyroll bench
  $ tallyroll bench --quick --json | tail -n 1
  $ tallyroll bench --only end-to-end single-inputs`;

export function addBenchCommand(program: Command, terminal: Terminal): void {
  program
    .command("bench")
    .description("measure throughput, latency, payload sizes and replay speed")
    .option("--quick", "fewer and shorter runs, for a first impression", false)
    .addOption(
      new Option("--only <parts...>", "only these figures").choices(BENCH_PARTS).default([], "all"),
    )
    .option("--data <folder>", "where weather.csv, environment.csv and retail.csv are")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async ({ json, quick, only, data }: BenchOptions) => {
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
