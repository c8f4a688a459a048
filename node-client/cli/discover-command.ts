import type { Command } from "commander";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { discoverServices } from "../actions/discover-services.ts";
import type { ServiceInfo } from "../actions/get-service.ts";
import { parseAmount } from "./amounts.ts";
import { formatJson } from "./format-json.ts";
import type { ExitCode, Io } from "./io.ts";
import { addReaderOptions, connect, type ReaderOptions } from "./online.ts";
import { parseWhole } from "./parse-arguments.ts";
import { modeOption } from "./service-offer-options.ts";
import { formatServices } from "./service-table.ts";
import type { Terminal } from "./terminal.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "./token-option.ts";

const HELP = `
Services of one tag, delivery mode and token, cheapest first, with what the machine counted of their
providers: escrows that were released, refunded or lapsed, and batches proved false.

Examples:
  $ tallyroll discover weather
  $ tallyroll discover weather --mode pubsub --ceiling 0.5
  $ tallyroll discover weather --token local --limit 3 --json`;

/** `tallyroll discover`: finds services, cheapest first. */
export function addDiscoverCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  type DiscoverOptions = ReaderOptions &
    TokenOptions & {
      readonly mode: DeliveryMode;
      readonly ceiling?: string;
      readonly limit: number;
    };
  addTokenOptions(
    addReaderOptions(program.command("discover").argument("<tag>", "such as weather")),
  )
    .description("find services by tag, mode and price, cheapest first")
    .addOption(modeOption().default("pull"))
    .option("--ceiling <amount>", "a unit costs at most this")
    .option("--limit <n>", "show so many", parseWhole(1, 1_000), 20)
    .addHelpText("after", HELP)
    .action(async (tag: string, options: DiscoverOptions) => {
      const { client, connection } = await connect(options, io);
      const { token, units } = await chooseToken(client, connection, options);
      const { mode, ceiling, limit } = options;
      const services: ServiceInfo[] = [];
      const found = discoverServices(client, {
        ...{ tag, mode, token, pageSize: Math.min(limit, 256) },
        ...(ceiling === undefined ? {} : { priceMax: parseAmount(ceiling, units) }),
      });
      for await (const service of found) {
        services.push(service);
        if (services.length === limit) break;
      }
      await terminal.print(
        options.json ? formatJson({ tag, services }) : await formatServices(client, services),
      );
      exit(0);
    });
}
