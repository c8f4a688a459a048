import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "commander";
import { formatScaled } from "../../../spec/decimal.ts";
import { NodeUnreachable } from "../../client/actions/node-errors.ts";
import {
  getLatestReadings,
  getStatistics,
  getStream,
  listReadings,
  type Reading,
} from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import {
  parseIndex,
  parseMoment,
  parseWhole,
  printsJsonLines,
} from "../options/parse-arguments.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatJson } from "../terminal/format-json.ts";
import { formatTable } from "../terminal/format-table.ts";
import { untilInterrupted } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ReadingPrinter } from "./reading-printer.ts";
import { addStreamSealedReadCommand } from "./stream-sealed-read-command.ts";

interface StatisticsOptions extends ReaderOptions {
  readonly from: number;
  readonly to: number;
  readonly bucket: "hour" | "day";
}

/** `tallyroll stream latest`, `readings`, `statistics`, `read` and `watch`. */
export function addStreamReadCommands(stream: Command, terminal: Terminal): void {
  for (const add of [addLatestCommand, addReadingsCommand, addStatisticsCommand])
    add(stream, terminal);
  addStreamSealedReadCommand(stream, terminal);
  addStreamWatchCommand(stream, terminal);
}

function addLatestCommand(stream: Command, terminal: Terminal): void {
  addReaderOptions(stream.command("latest").argument("<stream>", "its number", parseIndex))
    .description("show the newest readings of an open stream")
    .option("--limit <n>", "at most so many", parseWhole(1, 256), 10)
    .action(async (streamId: number, options: ReaderOptions & { readonly limit: number }) => {
      const online = await connect(options, terminal);
      const { metrics } = await getStream(online.client, { streamId });
      const readings = await getLatestReadings(online.client, { streamId, limit: options.limit });
      const rows = readings.map(({ sequence, timeSec, values }) => [
        ...[String(sequence), formatTime(timeSec), ...values.map((value) => value ?? "")],
      ]);
      const names = ["sequence", "time", ...metrics.map(({ name }) => name)];
      await answer(online, { readings }, (columns) => formatTable(names, rows, columns));
    });
}

function addReadingsCommand(stream: Command, terminal: Terminal): void {
  type ListOptions = ReaderOptions & { readonly fromSequence: number };
  printsJsonLines(
    addReaderOptions(stream.command("readings").argument("<stream>", "its number", parseIndex)),
  )
    .description("print all readings of an open stream as CSV, or with --json one object a line")
    .option("--from-sequence <n>", "begin with this reading", parseIndex, 0)
    .action(async (streamId: number, options: ListOptions) => {
      const { client } = await connect(options, terminal);
      const { metrics } = await getStream(client, { streamId });
      const printer = new ReadingPrinter(terminal, metrics, { json: options.json });
      const { fromSequence } = options;
      for await (const reading of listReadings(client, { streamId, fromSequence })) {
        await printer.print(reading);
        if (terminal.isClosed) break;
      }
      await printer.begin();
      if (options.json) await terminal.print(formatJson({ streamId, readings: printer.count }));
    });
}

function addStatisticsCommand(stream: Command, terminal: Terminal): void {
  addReaderOptions(stream.command("statistics").argument("<stream>", "its number", parseIndex))
    .argument("<metric>", "the name of a numeric one")
    .description("count, sum, minimum and maximum of an open stream's metric by hour or day")
    .requiredOption("--from <time>", "Unix seconds or YYYY-MM-DD[ HH:MM:SS]", parseMoment)
    .requiredOption("--to <time>", "up to, but without, this time", parseMoment)
    .addOption(
      new Option("--bucket <length>", "of a bucket").choices(["hour", "day"]).default("day"),
    )
    .action(async (streamId: number, metric: string, options: StatisticsOptions) => {
      const online = await connect(options, terminal);
      const { from: fromSec, to: toSec, bucket } = options;
      const figures = await getStatistics(online.client, {
        streamId,
        metric,
        fromSec,
        toSec,
        bucket,
      });
      const scaled = (value: number): string => formatScaled(value, figures.scale);
      const rows = figures.buckets.map(({ startSec, count, sum, minimum, maximum }) => [
        ...[formatTime(startSec), String(count), scaled(minimum), scaled(maximum)],
        (Number(sum) / count / 10 ** figures.scale).toFixed(figures.scale),
      ]);
      const names = ["from", "count", "minimum", "maximum", "mean"];
      await answer(online, figures, (columns) => formatTable(names, rows, columns));
    });
}

const HELP = `
Prints the readings of an open stream as they come, as CSV or with --json one object a line, until
Ctrl-C or --count. A node that is away for a while is asked again.

Examples:
  $ tallyroll stream watch 1
  $ tallyroll stream watch 1 --from-sequence 0 --json
  $ tallyroll stream watch 1 --count 1`;

interface WatchOptions extends ReaderOptions {
  readonly fromSequence?: number;
  readonly count?: number;
  readonly interval: number;
}

/** `tallyroll stream watch`: readings as they come. */
function addStreamWatchCommand(stream: Command, terminal: Terminal): void {
  printsJsonLines(
    addReaderOptions(stream.command("watch").argument("<stream>", "its number", parseIndex)),
  )
    .description("print the readings of an open stream as they come")
    .option("--from-sequence <n>", "begin with this reading (default: the next one)", parseIndex)
    .option("--count <n>", "stop after so many", parseWhole(1, Number.MAX_SAFE_INTEGER))
    .option("--interval <ms>", "between two looks", parseWhole(50, 3_600_000), 1_000)
    .addHelpText("after", HELP)
    .action(async (streamId: number, options: WatchOptions) => {
      await untilInterrupted(terminal.io, async (signal) => {
        const { client } = await connect(options, terminal);
        await watch(client, streamId, options, { terminal, signal });
      });
    });
}

async function watch(
  client: TallyrollClient,
  streamId: number,
  { fromSequence, count = Number.POSITIVE_INFINITY, interval, json }: WatchOptions,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const { metrics, nextSequence } = await getStream(client, { streamId });
  const printer = new ReadingPrinter(terminal, metrics, { json });
  let next = fromSequence ?? nextSequence;
  let isAway = false;
  while (!signal.aborted && !terminal.isClosed) {
    for await (const reading of listWhileThere(client, streamId, next, (away) => {
      if (away && !isAway) terminal.note("The node does not answer; it is asked again.");
      isAway = away;
    })) {
      await printer.print(reading);
      next = reading.sequence + 1;
      if (printer.count >= count || signal.aborted || terminal.isClosed) return;
    }
    await printer.begin();
    // The wait ends early where it is interrupted.
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
}

/** What is there now; nothing while the node is away. */
async function* listWhileThere(
  client: TallyrollClient,
  streamId: number,
  fromSequence: number,
  tell: (isAway: boolean) => void,
): AsyncGenerator<Reading, void> {
  try {
    yield* listReadings(client, { streamId, fromSequence });
    tell(false);
  } catch (error) {
    if (!(error instanceof NodeUnreachable)) throw error;
    tell(true);
  }
}
