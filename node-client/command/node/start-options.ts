import { type Command, InvalidArgumentError } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { CHAIN_PURPOSE, CHOOSE_CHAIN_PORT, LOOPBACK_HOST } from "../../node/anvil/anvil.ts";
import { requireFreePort } from "../../node/anvil/free-port.ts";
import { API_PORTS, type ApiName, requireFreeApiPorts } from "../../node/api/start-api.ts";
import type { Settlement } from "../../node/run/rpc-claim-sender.ts";
import type { MachineDriver } from "../../node/start-node.ts";
import { parseWhole } from "../options/parse-arguments.ts";

/** Where a node's APIs are, and whom they let in. */
interface ApiCommandOptions {
  readonly rpcPort: number;
  readonly inspectPort: number;
  readonly healthPort: number;
  readonly host: string;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
}

const parsePort = parseWhole(0, 65_535);

export function addApiOptions(command: Command): Command {
  return command
    .option("--rpc-port <port>", "the JSON-RPC API's port", parsePort, API_PORTS.rpc)
    .option("--inspect-port <port>", "the inspect API's port", parsePort, API_PORTS.inspect)
    .option("--health-port <port>", "the health API's port", parsePort, API_PORTS.health)
    .option("--host <address>", "the interface that the APIs listen on", "127.0.0.1")
    .option(
      "--allow-origin <origin>",
      "web pages that may call the APIs, * for all; may be repeated (default: none)",
      collectOrigin,
    )
    .option(
      "--allow-host <name>",
      "a name that a reverse proxy has for the APIs, * for any; may be repeated (default: none)",
      collectHost,
    );
}

export function toApiPlace(options: ApiCommandOptions) {
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

export interface StartOptions extends ApiCommandOptions {
  readonly port: number;
  readonly blockTime: number;
  readonly epochLength?: number;
  readonly driver: MachineDriver["driver"];
  readonly rpc?: string;
  readonly app?: Hex;
  readonly claims: boolean;
  readonly settlement?: Settlement;
  readonly poll?: number;
  readonly keystore?: string;
  readonly devAccount?: number;
  readonly dataFolder?: string;
  readonly quiet: boolean;
  readonly json: boolean;
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
