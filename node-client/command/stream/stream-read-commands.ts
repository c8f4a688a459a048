import { type Command, Option } from "commander";
import { formatScaled } from "../../../spec/decimal.ts";
import { getLatestReadings } from "../../client/actions/get-latest-readings.ts";
import { getStatistics } from "../../client/actions/get-statistics.ts";
import { getStream } from "../../client/actions/get-stream.ts";
import { listReadings } from "../../client/actions/list-readings.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { parseIndex, parseWhole, printsJsonLines } from "../options/parse-arguments.ts";
import { parseMoment } from "../options/parse-moment.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatJson } from "../terminal/format-json.ts";
import { formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ReadingPrinter } from "./reading-printer.ts";
import { addStreamSealedReadCommand } from "./stream-sealed-read-command.ts";
import { addStreamWatchCommand } from "./stream-watch-command.ts";

interface StatisticsOptions extends ReaderOptions {
  readonly from: number;
  readonly to: number;
  readonly bucket: "hour" | "day";
}

/** `tallyroll stream latest`, `readings`, `statistics`, `read` and `watch`. */
export function addStreamReadCommands(stream: Command, terminal: Terminal): void {
  addReaderOptions(stream.command("latest").argument("<stream>", "its number", parseIndex))
    .description("show the newest readings of an open stream")
    .option("--limit <n>", "at most so many", parseWhole(1, 256), 10)
    .action(async (streamId: number, options: ReaderOptions & { readonly limit: number }) => {
      const online = await connect(options, terminal);
      const { client } = online;
      const { metrics } = await getStream(client, { streamId });
      const readings = await getLatestReadings(client, { streamId, limit: options.limit });
      const rows = readings.map(({ sequence, timeSec, values }) => [
        ...[String(sequence), formatTime(timeSec), ...values.map((value) => value ?? "")],
      ]);
      const names = ["sequence", "time", ...metrics.map(({ name }) => name)];
      await answer(online, { readings }, (columns) => formatTable(names, rows, columns));
    });

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
      const { client } = online;
      const { from: fromSec, to: toSec, bucket } = options;
      const figures = await getStatistics(client, { streamId, metric, fromSec, toSec, bucket });
      const scaled = (value: number): string => formatScaled(value, figures.scale);
      const rows = figures.buckets.map(({ startSec, count, sum, minimum, maximum }) => [
        ...[formatTime(startSec), String(count), scaled(minimum), scaled(maximum)],
        (Number(sum) / count / 10 ** figures.scale).toFixed(figures.scale),
      ]);
      const names = ["from", "count", "minimum", "maximum", "mean"];
      await answer(online, figures, (columns) => formatTable(names, rows, columns));
    });

  addStreamSealedReadCommand(stream, terminal);
  addStreamWatchCommand(stream, terminal);
}
