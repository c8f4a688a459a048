import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { DELIVERY_MODES, type DeliveryMode } from "../../../spec/service-operations.ts";
import {
  discoverServices,
  listAllServices,
  type ServiceInfo,
} from "../../client/actions/service-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { answer } from "../money/money-json.ts";
import { parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import { collect } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addModeOption, parseTag } from "./service-offer-options.ts";
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

export function addDiscoverCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .reader("discover", "find services by tag, mode and price, cheapest first")
    .argument("[tag]", "such as weather (default: any)", parseTag)
    .with(addTokenOptions)
    .with(addModeOption)
    .option("--ceiling <amount>", "a unit costs at most this")
    .option("--limit <n>", "show so many", parseWhole(1, 1_000), 20)
    .help(HELP)
    .run(async (online, tag) => {
      const { client, options } = online;
      const { token, units } = await chooseToken(online);
      const { mode, ceiling, limit } = options;
      const priceMax = ceiling === undefined ? undefined : parseAmount(ceiling, units);
      const isTokenMeant = options.token !== undefined || priceMax !== undefined;
      const services =
        tag === undefined
          ? await listOffered(client, {
              ...{ limit, priceMax },
              token: isTokenMeant ? token : undefined,
              mode: online.isGiven("mode") ? mode : undefined,
            })
          : await collect(
              discoverServices(client, {
                ...{ tag, mode, token, pageSize: Math.min(limit, 256) },
                ...(priceMax === undefined ? {} : { priceMax }),
              }),
              limit,
            );
      await answer(online, { ...(tag === undefined ? {} : { tag }), services }, (columns) =>
        formatServices(client, services, columns),
      );
      if (services.length > 0) return;
      terminal.note(
        tag === undefined
          ? "No such service is offered yet: `tallyroll service publish NAME --tags TAGS --price AMOUNT` offers one."
          : tellNothing(tag, mode, ceiling, units),
      );
    });
}

interface Wanted {
  readonly mode: DeliveryMode | undefined;
  readonly token: Hex | undefined;
  readonly priceMax: bigint | undefined;
  readonly limit: number;
}

/** Of every tag: by token, then as the machine orders those of one tag. */
async function listOffered(
  client: TallyrollClient,
  { mode, token, priceMax, limit }: Wanted,
): Promise<ServiceInfo[]> {
  const services = await collect(listAllServices(client));
  return services
    .filter(
      (service) =>
        !service.isWithdrawn &&
        (mode === undefined || service.mode === mode) &&
        (token === undefined || service.token === token) &&
        (priceMax === undefined || service.price <= priceMax),
    )
    .sort(compareOffers)
    .slice(0, limit);
}

function compareOffers(a: ServiceInfo, b: ServiceInfo): number {
  if (a.token !== b.token) return a.token < b.token ? -1 : 1;
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return a.serviceId - b.serviceId;
}

/** What was looked for, and how to look wider. */
function tellNothing(
  tag: string,
  mode: DeliveryMode,
  ceiling: string | undefined,
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
