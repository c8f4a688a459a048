import { type Command, InvalidArgumentError } from "commander";
import { API_PORTS, type ApiName } from "../../node/api/start-api.ts";
import { parseWhole } from "../options/parse-arguments.ts";

/** Where a node's APIs are, and whom they let in. */
export interface ApiCommandOptions {
  readonly rpcPort: number;
  readonly inspectPort: number;
  readonly healthPort: number;
  readonly host: string;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
}

const parsePort = parseWhole(0, 65_535);

/** Adds the options of the node's APIs. */
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

/** What the options say, for the node. */
export function toApiPlace(options: ApiCommandOptions): {
  readonly ports: Readonly<Record<ApiName, number>>;
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
} {
  const { rpcPort: rpc, inspectPort: inspect, healthPort: health, host } = options;
  const { allowOrigin: allowedOrigins = [], allowHost: allowedHosts = [] } = options;
  return { ports: { rpc, inspect, health }, host, allowedOrigins, allowedHosts };
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
