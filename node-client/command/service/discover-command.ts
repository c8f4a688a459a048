import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { DELIVERY_MODES, type DeliveryMode } from "../../../spec/service-operations.ts";
import {
  discoverServices,
  listAllServices,
  type ServiceInfo,
} from "../../client/actions/service-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { modeOption, parseTag } from "./service-offer-options.ts";
import { formatServices } from "./service-table.ts";

const HELP = `
Services of one tag, delivery mode (pull unless given) and token (Ether unless given), cheapest first,
with what the machine counted of their providers: escrows that were released, refunded or lapsed, and
batches proved false. Without a tag: all that are offered, of every mode and token unless given.

Examples:
  $ tallyroll discover
  $ tallyroll discover weather
  $ tallyroll discover weather --mode pubsub --ceiling 0.5
  $ tallyroll discover weather --token local --limit 3 --json`;

/** `tallyroll discover`: finds services, cheapest first. */
export function addDiscoverCommand(program: Command, terminal: Terminal): void {
  type DiscoverOptions = ReaderOptions &
    TokenOptions & {
      readonly mode: DeliveryMode;
      readonly ceiling?: string;
      readonly limit: number;
    };
  addTokenOptions(
    addReaderOptions(
      program.command("discover").argument("[tag]", "such as weather (default: any)", parseTag),
    ),
  )
    .description("find services by tag, mode and price, cheapest first")
    .addOption(modeOption().default("pull"))
    .option("--ceiling <amount>", "a unit costs at most this")
    .option("--limit <n>", "show so many", parseWhole(1, 1_000), 20)
    .addHelpText("after", HELP)
    .action(async (tag: string | undefined, options: DiscoverOptions, command: Command) => {
      const online = await connect(options, terminal);
      const { token, units } = await chooseToken(online, options);
      const { mode, ceiling, limit } = options;
      const priceMax = ceiling === undefined ? undefined : parseAmount(ceiling, units);
      const isTokenMeant = options.token !== undefined || priceMax !== undefined;
      const isModeMeant = command.getOptionValueSource("mode") !== "default";
      const services =
        tag === undefined
          ? await listOffered(online.client, {
              ...{ limit, priceMax },
              token: isTokenMeant ? token : undefined,
              mode: isModeMeant ? mode : undefined,
            })
          : await listTagged(online.client, { tag, mode, token, priceMax, limit });
      await answer(online, { ...(tag === undefined ? {} : { tag }), services }, (columns) =>
        formatServices(online.client, services, columns),
      );
      if (services.length === 0) {
        terminal.note(
          tag === undefined
            ? "No such service is offered yet: `tallyroll service publish NAME --tags TAGS --price AMOUNT` offers one."
            : tellNothing(tag, options, units),
        );
      }
    });
}

interface Wanted {
  readonly mode: DeliveryMode | undefined;
  readonly token: Hex | undefined;
  readonly priceMax: bigint | undefined;
  readonly limit: number;
}

async function listTagged(
  client: TallyrollClient,
  {
    priceMax,
    limit,
    ...wanted
  }: Wanted & { readonly tag: string; readonly mode: DeliveryMode; readonly token: Hex },
): Promise<ServiceInfo[]> {
  const services: ServiceInfo[] = [];
  const found = discoverServices(client, {
    ...{ ...wanted, pageSize: Math.min(limit, 256) },
    ...(priceMax === undefined ? {} : { priceMax }),
  });
  for await (const service of found) {
    services.push(service);
    if (services.length === limit) break;
  }
  return services;
}

/** Of every tag: by token, then as the machine orders those of one tag. */
async function listOffered(
  client: TallyrollClient,
  { mode, token, priceMax, limit }: Wanted,
): Promise<ServiceInfo[]> {
  const services: ServiceInfo[] = [];
  for await (const service of listAllServices(client)) {
    const isWanted =
      !service.isWithdrawn &&
      (mode === undefined || service.mode === mode) &&
      (token === undefined || service.token === token) &&
      (priceMax === undefined || service.price <= priceMax);
    if (isWanted) services.push(service);
  }
  return services.sort(compareOffers).slice(0, limit);
}

function compareOffers(a: ServiceInfo, b: ServiceInfo): number {
  if (a.token !== b.token) return a.token < b.token ? -1 : 1;
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return a.serviceId - b.serviceId;
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
