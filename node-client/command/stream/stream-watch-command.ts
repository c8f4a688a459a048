import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { getStream } from "../../client/actions/get-stream.ts";
import { listReadings, type Reading } from "../../client/actions/list-readings.ts";
import { NodeUnreachable } from "../../client/actions/node-errors.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { parseIndex, parseWhole, printsJsonLines } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ReadingPrinter } from "./reading-printer.ts";

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
export function addStreamWatchCommand(stream: Command, terminal: Terminal): void {
  printsJsonLines(
    addReaderOptions(stream.command("watch").argument("<stream>", "its number", parseIndex)),
  )
    .description("print the readings of an open stream as they come")
    .option("--from-sequence <n>", "begin with this reading (default: the next one)", parseIndex)
    .option("--count <n>", "stop after so many", parseWhole(1, Number.MAX_SAFE_INTEGER))
    .option("--interval <ms>", "between two looks", parseWhole(50, 3_600_000), 1_000)
    .addHelpText("after", HELP)
    .action(async (streamId: number, options: WatchOptions) => {
      const ended = new AbortController();
      const release = terminal.io.onInterrupt?.(() => ended.abort());
      try {
        const { client } = await connect(options, terminal);
        await watch(client, streamId, options, { terminal, signal: ended.signal });
      } finally {
        release?.();
      }
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
