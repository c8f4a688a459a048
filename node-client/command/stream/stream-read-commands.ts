import { setTimeout as sleep } from "node:timers/promises";
import { formatScaled } from "../../../spec/decimal.ts";
import { NodeUnreachable } from "../../client/actions/node-errors.ts";
import {
  getLatestReadings,
  getStatistics,
  getStream,
  listReadings,
} from "../../client/actions/stream-queries.ts";
import { addReaderOptions, connect } from "../connection/online.ts";
import { answerTable } from "../money/money-json.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import {
  parseIndex,
  parseMoment,
  parseWhole,
  printsJsonLines,
} from "../options/parse-arguments.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatJson } from "../terminal/format-json.ts";
import { untilInterrupted } from "../terminal/io.ts";
import { ReadingPrinter } from "./reading-printer.ts";
import { addStreamSealedReadCommand } from "./stream-sealed-read-command.ts";

const HELP = `
Prints the readings of an open stream as they come, as CSV or with --json one object a line, until
Ctrl-C or --count. A node that is away for a while is asked again.

Examples:
  $ tallyroll stream watch 1
  $ tallyroll stream watch 1 --from-sequence 0 --json
  $ tallyroll stream watch 1 --count 1`;

export function addStreamReadCommands(stream: CommandGroup): void {
  addReadingsCommands(stream);
  addStatisticsCommand(stream);
  addStreamSealedReadCommand(stream);
  addWatchCommand(stream);
}

function addReadingsCommands(stream: CommandGroup): void {
  stream
    .reader("latest", "show the newest readings of an open stream")
    .argument("<stream>", "its number", parseIndex)
    .option("--limit <n>", "at most so many", parseWhole(1, 256), 10)
    .run(async (online, streamId) => {
      const { limit } = online.options;
      const { metrics } = await getStream(online.client, { streamId });
      const readings = await getLatestReadings(online.client, { streamId, limit });
      const names = ["sequence", "time", ...metrics.map(({ name }) => name)];
      await answerTable(online, { readings }, names, readings, ({ sequence, timeSec, values }) => {
        return [sequence, formatTime(timeSec), ...values.map((value) => value ?? "")];
      });
    });
  stream
    .reader(
      "readings",
      "print all readings of an open stream as CSV, or with --json one object a line",
    )
    .argument("<stream>", "its number", parseIndex)
    .with(printsJsonLines)
    .option("--from-sequence <n>", "begin with this reading", parseIndex, 0)
    .run(async ({ client, options, terminal }, streamId) => {
      const { metrics } = await getStream(client, { streamId });
      const printer = new ReadingPrinter(terminal, metrics, options);
      const { fromSequence } = options;
      for await (const reading of listReadings(client, { streamId, fromSequence })) {
        await printer.print(reading);
        if (terminal.isClosed) break;
      }
      await printer.begin();
      if (options.json) await terminal.print(formatJson({ streamId, readings: printer.count }));
    });
}

function addStatisticsCommand(stream: CommandGroup): void {
  const about = "count, sum, minimum and maximum of an open stream's metric by hour or day";
  stream
    .reader("statistics", about)
    .argument("<stream>", "its number", parseIndex)
    .argument("<metric>", "the name of a numeric one")
    .requiredOption("--from <time>", "Unix seconds or YYYY-MM-DD[ HH:MM:SS]", parseMoment)
    .requiredOption("--to <time>", "up to, but without, this time", parseMoment)
    .choice("--bucket <length>", "of a bucket", ["hour", "day"], "day")
    .run(async (online, streamId, metric) => {
      const { from: fromSec, to: toSec, bucket } = online.options;
      const asked = { streamId, metric, fromSec, toSec, bucket };
      const figures = await getStatistics(online.client, asked);
      const scaled = (value: number): string => formatScaled(value, figures.scale);
      const names = ["from", "count", "minimum", "maximum", "mean"];
      await answerTable(online, figures, names, figures.buckets, (one) => {
        const mean = Number(one.sum) / one.count / 10 ** figures.scale;
        const bounds = [scaled(one.minimum), scaled(one.maximum)];
        return [formatTime(one.startSec), one.count, ...bounds, mean.toFixed(figures.scale)];
      });
    });
}

function addWatchCommand(stream: CommandGroup): void {
  stream
    .local("watch", "print the readings of an open stream as they come")
    .with(addReaderOptions)
    .argument("<stream>", "its number", parseIndex)
    .with(printsJsonLines)
    .option("--from-sequence <n>", "begin with this reading (default: the next one)", parseIndex)
    .option("--count <n>", "stop after so many", parseWhole(1, Number.MAX_SAFE_INTEGER))
    .option("--interval <ms>", "between two looks", parseWhole(50, 3_600_000), 1_000)
    .help(HELP)
    .run(async ({ options, terminal }, streamId) => {
      await untilInterrupted(terminal.io, async (signal) => {
        const { client } = await connect(options, terminal);
        const { metrics, nextSequence } = await getStream(client, { streamId });
        const { fromSequence = nextSequence, count = Number.POSITIVE_INFINITY } = options;
        const printer = new ReadingPrinter(terminal, metrics, options);
        let next = fromSequence;
        let isAway = false;
        while (!signal.aborted && !terminal.isClosed) {
          try {
            for await (const reading of listReadings(client, { streamId, fromSequence: next })) {
              await printer.print(reading);
              next = reading.sequence + 1;
              if (printer.count >= count || signal.aborted || terminal.isClosed) return;
            }
            isAway = false;
          } catch (error) {
            if (!(error instanceof NodeUnreachable)) throw error;
            if (!isAway) terminal.note("The node does not answer; it is asked again.");
            isAway = true;
          }
          await printer.begin();
          // The wait ends early where it is interrupted.
          await sleep(options.interval, undefined, { signal }).catch(() => {});
        }
      });
    });
}
