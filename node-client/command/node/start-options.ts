import { InvalidArgumentError } from "commander";
import { ClientError } from "../../errors.ts";
import { CHAIN_PURPOSE, CHOOSE_CHAIN_PORT, LOOPBACK_HOST } from "../../node/anvil/anvil.ts";
import { requireFreePort } from "../../node/anvil/free-port.ts";
import { API_PORTS, type ApiName, requireFreeApiPorts } from "../../node/api/start-api.ts";
import type { Settlement } from "../../node/run/rpc-claim-sender.ts";
import { addAccountOptions } from "../connection/account-options.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import {
  addDataFolderOption,
  parseAddressHex,
  parseUrl,
  parseWhole,
} from "../options/parse-arguments.ts";

const parsePort = parseWhole(0, 65_535);

/** Where a node's APIs are, and whom they let in. */
const addApiOptions = shareOptions((command) =>
  command
    .option("--rpc-port <port>", "the JSON-RPC API's port", parsePort, API_PORTS.rpc)
    .option("--inspect-port <port>", "the inspect API's port", parsePort, API_PORTS.inspect)
    .option("--health-port <port>", "the health API's port", parsePort, API_PORTS.health)
    .option("--host <address>", "the interface that the APIs listen on", String, "127.0.0.1")
    .option(
      "--allow-origin <origin>",
      "web pages that may call the APIs, * for all; may be repeated (default: none)",
      collectOrigin,
    )
    .option(
      "--allow-host <name>",
      "a name that a reverse proxy has for the APIs, * for any; may be repeated (default: none)",
      collectHost,
    ),
);

export function toApiPlace(options: OptionsIn<typeof addApiOptions>) {
  const { rpcPort: rpc, inspectPort: inspect, healthPort: health, host } = options;
  const { allowOrigin: allowedOrigins = [], allowHost: allowedHosts = [] } = options;
  const ports: Readonly<Record<ApiName, number>> = { rpc, inspect, health };
  return { ports, host, allowedOrigins, allowedHosts };
}

/** As browsers write origins. */
function collectOrigin(text: string, before: readonly string[] = []): readonly string[] {
  const isOrigin = text === "*" || (URL.canParse(text) && new URL(text).origin === text);
  if (isOrigin) return [...before, text];
  throw new InvalidArgumentError("Give an origin such as https://app.example, without path, or *.");
}

function collectHost(text: string, before: readonly string[] = []): readonly string[] {
  if (text === "*" || /^[a-z0-9_.-]{1,253}$/i.test(text)) return [...before, text.toLowerCase()];
  throw new InvalidArgumentError("Give a name such as node.example, without a port, or *.");
}

export const addStartOptions = shareOptions((command) =>
  command
    .option("--port <port>", "the development chain's port", parseWhole(1, 65_535), 8_545)
    .option("--block-time <sec>", "seconds between its blocks", parseWhole(1, 3_600), 1)
    .option(
      "--epoch-length <blocks>",
      "blocks an epoch, of a new application (default: 10)",
      parseWhole(1, 1_000_000),
    )
    .choice(
      "--driver <name>",
      "engine in a thread, or the built dApp over HTTP",
      ["worker", "http"],
      "worker",
    )
    .option("--rpc <url>", "a chain that is there already", parseUrl)
    .notWith("port", "blockTime", "epochLength")
    .option("--app <address>", "the application there", parseAddressHex)
    .flag("--no-claims", "compute claims and leave sending them to others")
    .option(
      "--settlement <when>",
      "claim what is `finalized` (default), or so many blocks deep",
      parseSettlement,
    )
    .option("--poll <ms>", "between two looks at the chain", parseWhole(10, 600_000))
    .flag("--quiet", "log neither inputs nor claims, but what an operator should know")
    .with(addDataFolderOption)
    .flag("--json", "print one JSON object once it is ready")
    .with(addApiOptions)
    .with(addAccountOptions),
);
export type StartOptions = OptionsIn<typeof addStartOptions>;

function parseSettlement(text: string): Settlement {
  if (text === "finalized") return text;
  if (/^\d{1,6}$/.test(text)) return { confirmations: Number(text) };
  throw new InvalidArgumentError("Give `finalized` or a number of blocks.");
}

/** @throws ClientError for options that contradict each other, and for ports that are taken. */
export async function requireStartable(options: StartOptions): Promise<void> {
  if (options.rpc === undefined) {
    requireOwnChainOptions(options);
    await requireFreePort({
      ...{ host: LOOPBACK_HOST, port: options.port },
      ...{ purpose: CHAIN_PURPOSE, whatToDo: CHOOSE_CHAIN_PORT },
    });
  } else if (options.app === undefined) {
    throw new ClientError("--rpc names a chain, and nothing says which application on it.", {
      whatToDo: "Give --app ADDRESS, or leave --rpc away for a chain of your own.",
    });
  }
  const { ports, host } = toApiPlace(options);
  await requireFreeApiPorts({ ports, host });
}

/** What is about an application on somebody else's chain would change nothing here. */
function requireOwnChainOptions(options: StartOptions): void {
  if (options.app !== undefined) {
    throw new ClientError("--app names an application of a chain that --rpc has to name.", {
      whatToDo: "Give --rpc URL too, or leave --app away: a chain of your own gets its own.",
    });
  }
  const about: readonly (readonly [boolean, string])[] = [
    [options.keystore !== undefined, "--keystore"],
    [options.devAccount !== undefined, "--dev-account"],
    [!options.claims, "--no-claims"],
    [options.settlement !== undefined, "--settlement"],
  ];
  const given = about.find(([isGiven]) => isGiven);
  if (given === undefined) return;
  throw new ClientError(`${given[1]} says how epochs are claimed on a chain that --rpc names.`, {
    whatToDo:
      `Leave ${given[1]} away, or give --rpc URL and --app ADDRESS too: a chain of your own ` +
      "claims by itself.",
  });
}
