import { type Command, InvalidArgumentError, Option } from "commander";
import { formatScaled } from "../../spec/decimal.ts";
import type { Hex } from "../../spec/outputs.ts";
import { getLatestReadings } from "../actions/get-latest-readings.ts";
import { getStatistics } from "../actions/get-statistics.ts";
import { getStream } from "../actions/get-stream.ts";
import { listReadings as listOpenReadings } from "../actions/list-readings.ts";
import { readSealedStream } from "../actions/read-sealed-stream.ts";
import { listReadings as listUnsealed } from "../buyer/read-sealed.ts";
import { parseInstant } from "../files/parse-instant.ts";
import { findAccountAddress, parseAddressHex } from "./account-address.ts";
import { pathOfEncryptionKey, readEncryptionKey } from "./encryption-key-file.ts";
import { formatCsvLine, formatCsvReading, formatTime } from "./format-csv.ts";
import { formatJson } from "./format-json.ts";
import { formatTable } from "./format-table.ts";
import type { ExitCode, Io } from "./io.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  type ReaderOptions,
} from "./online.ts";
import { parseIndex } from "./outputs-command.ts";
import { parseWhole } from "./parse-arguments.ts";
import type { Terminal } from "./terminal.ts";

interface ReadOptions extends ActorOptions {
  readonly buyer?: Hex;
  readonly encryptionKey?: string;
  readonly fromSequence: number;
}

interface StatisticsOptions extends ReaderOptions {
  readonly from: number;
  readonly to: number;
  readonly bucket: "hour" | "day";
}

/** `tallyroll stream latest`, `readings`, `statistics`, and `read` for buyers. */
export function addStreamReadCommands(
  stream: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addReaderOptions(stream.command("latest").argument("<stream>", "its number", parseIndex))
    .description("show the newest readings of an open stream")
    .option("--limit <n>", "at most so many", parseWhole(1, 256), 10)
    .action(async (streamId: number, options: ReaderOptions & { readonly limit: number }) => {
      const { client } = await connect(options, io);
      const { metrics } = await getStream(client, { streamId });
      const readings = await getLatestReadings(client, { streamId, limit: options.limit });
      const rows = readings.map(({ sequence, timeSec, values }) => [
        ...[String(sequence), formatTime(timeSec), ...values.map((value) => value ?? "")],
      ]);
      const names = ["sequence", "time", ...metrics.map(({ name }) => name)];
      await terminal.print(options.json ? formatJson({ readings }) : formatTable(names, rows));
      exit(0);
    });

  type ListOptions = ReaderOptions & { readonly fromSequence: number };
  addReaderOptions(stream.command("readings").argument("<stream>", "its number", parseIndex))
    .description("print all readings of an open stream as CSV")
    .option("--from-sequence <n>", "begin with this reading", parseIndex, 0)
    .action(async (streamId: number, options: ListOptions) => {
      const { client } = await connect(options, io);
      const { metrics } = await getStream(client, { streamId });
      const header = formatCsvLine(["sequence", "timestamp", ...metrics.map((m) => m.name)]);
      let count = 0;
      const { fromSequence } = options;
      for await (const reading of listOpenReadings(client, { streamId, fromSequence })) {
        if (count === 0) await terminal.print(header);
        await terminal.print(formatCsvReading(reading));
        count += 1;
        if (terminal.isClosed) break;
      }
      if (count === 0) await terminal.print(header);
      if (options.json) await terminal.print(formatJson({ streamId, readings: count }));
      exit(0);
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
      const { client } = await connect(options, io);
      const { from: fromSec, to: toSec, bucket } = options;
      const figures = await getStatistics(client, { streamId, metric, fromSec, toSec, bucket });
      const scaled = (value: number): string => formatScaled(value, figures.scale);
      const rows = figures.buckets.map(({ startSec, count, sum, minimum, maximum }) => [
        ...[formatTime(startSec), String(count), scaled(minimum), scaled(maximum)],
        (Number(sum) / count / 10 ** figures.scale).toFixed(figures.scale),
      ]);
      const names = ["from", "count", "minimum", "maximum", "mean"];
      await terminal.print(options.json ? formatJson(figures) : formatTable(names, rows));
      exit(0);
    });

  addActorOptions(stream.command("read").argument("<stream>", "its number", parseIndex))
    .description("decrypt a sealed stream that you were granted, check it, print it as CSV")
    .option("--buyer <address>", "the grants' account (default: the signing one)", parseAddressHex)
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .option("--from-sequence <n>", "begin with the batch of this reading", parseIndex, 0)
    .action(async (streamId: number, options: ReadOptions) => {
      await readAsBuyer(streamId, options, io, terminal);
      exit(0);
    });
}

async function readAsBuyer(
  streamId: number,
  options: ReadOptions,
  io: Io,
  terminal: Terminal,
): Promise<void> {
  const account = await findAccountAddress(options.buyer, options, io, terminal);
  const { client, connection } = await connect(options, io);
  const path = pathOfEncryptionKey(options.encryptionKey, connection.dataFolder, io);
  const { secret } = readEncryptionKey(client.crypto, path);
  const { metrics } = await getStream(client, { streamId });
  const { fromSequence } = options;
  let [count, skipped, isBegun] = [0, 0, false];
  const batches = readSealedStream(client, {
    ...{ streamId, fromSequence, buyer: { account, secret } },
    onSkipped: ({ readingCount }) => {
      skipped += readingCount;
    },
  });
  for await (const batch of batches) {
    if (!isBegun) {
      await terminal.print(formatCsvLine(["sequence", "timestamp", ...metrics.map((m) => m.name)]));
    }
    isBegun = true;
    for (const reading of listUnsealed(batch, metrics)) {
      await terminal.print(formatCsvReading(reading));
      count += 1;
    }
    if (terminal.isClosed) break;
  }
  if (skipped > 0)
    terminal.note(`${skipped} readings of epochs that were not granted were left out.`);
  if (options.json) await terminal.print(formatJson({ streamId, readings: count, skipped }));
}

function parseMoment(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = parseInstant(isDay ? `${text} 00:00:00` : text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    "Give Unix seconds or YYYY-MM-DD, with or without HH:MM:SS, in UTC.",
  );
}
