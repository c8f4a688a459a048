import { type Command, InvalidArgumentError } from "commander";
import { DELIVERY_MODES, type DeliveryMode } from "../../spec/service-operations.ts";
import { isSlug } from "../../spec/slug.ts";
import { discoverServices } from "../actions/discover-services.ts";
import type { ServiceInfo } from "../actions/get-service.ts";
import { parseAmount, type TokenUnits } from "./amounts.ts";
import { formatJson } from "./format-json.ts";
import type { ExitCode, Io } from "./io.ts";
import { addReaderOptions, connect, type ReaderOptions } from "./online.ts";
import { parseWhole } from "./parse-arguments.ts";
import { modeOption } from "./service-offer-options.ts";
import { formatServices } from "./service-table.ts";
import type { Terminal } from "./terminal.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "./token-option.ts";

const HELP = `
Services of one tag, delivery mode (pull unless told) and token (Ether unless told), cheapest first, with what the machine counted of their
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
    addReaderOptions(program.command("discover").argument("<tag>", "such as weather", parseTag)),
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
      if (services.length === 0) terminal.note(tellNothing(tag, options, units));
      exit(0);
    });
}

/** A tag that no service can have would find nothing, without a word. */
function parseTag(text: string): string {
  if (isSlug(text)) return text;
  throw new InvalidArgumentError(
    "A tag has 1 to 64 of a-z, 0-9, dot, underscore and hyphen, the first a letter or digit.",
  );
}

/** What was looked for, and how to look wider. */
function tellNothing(
  tag: string,
  { mode, ceiling }: { readonly mode: DeliveryMode; readonly ceiling?: string },
  { symbol }: TokenUnits,
): string {
  const [other = mode] = DELIVERY_MODES.filter((each) => each !== mode);
  const most = ceiling === undefined ? "" : `, at most ${ceiling}`;
  const higher = ceiling === undefined ? "" : "a higher --ceiling, ";
  return (
    `No service has the tag ${tag}, the mode ${mode} and a price in ${symbol}${most}: ` +
    `try ${higher}--mode ${other}, --token or another tag.`
  );
}
