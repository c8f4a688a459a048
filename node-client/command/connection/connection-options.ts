import { InvalidArgumentError } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { CONNECTION_OPTIONS } from "../options/help-text.ts";
import { addDataFolderOption, parseAddressHex, parseUrl } from "../options/parse-arguments.ts";
import { isKeyDigits } from "../options/secret-arguments.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { type KnownRollup, pathOfLocalRollup, readLocalRollup } from "./local-rollup-file.ts";
import { resolveDataFolder } from "./machine-key.ts";

const RPC_URL_DEFAULT = "http://127.0.0.1:8545";
const NODE_URL_DEFAULT = "http://127.0.0.1:10011/rpc";
const INSPECT_URL_DEFAULT = "http://127.0.0.1:10012";
const NODE_PORT_DEFAULT = "10011";

/** Where an application is, and what is known of it. */
export interface Connection {
  readonly rpcUrl: string;
  readonly nodeUrl: string;
  readonly inspectUrl: string;
  /** Lower case. */
  readonly app: Hex;
  readonly dataFolder: string;
  /** Set where all of this is the data folder's own local rollup. */
  readonly local: KnownRollup | undefined;
}

const ConnectionError = errorKind("ConnectionError");

/** For what asks no node. */
export const addChainOptions = shareOptions(
  (command) =>
    command
      .option(
        "--app <address>",
        "the application (default: $TALLYROLL_APP, else the local one)",
        parseAddressHex,
      )
      .option(
        "--rpc <url>",
        `the chain (default: $TALLYROLL_RPC, else the local one, else ${RPC_URL_DEFAULT})`,
        parseUrl,
      ),
  CONNECTION_OPTIONS,
);

/** For what talks to a chain and a node. */
export const addConnectionOptions = shareOptions(
  (command) =>
    command
      .with(addChainOptions)
      .option(
        "--node <url>",
        `the node (default: $TALLYROLL_NODE, else the local one, else ${NODE_URL_DEFAULT})`,
        parseUrl,
      )
      .option(
        "--inspect-url <url>",
        `the node's inspect API (default: beside --node, else ${INSPECT_URL_DEFAULT})`,
        parseUrl,
      )
      .with(addDataFolderOption),
  CONNECTION_OPTIONS,
);
export type ConnectionOptions = OptionsIn<typeof addConnectionOptions>;

/**
 * Where the application is: each option, else its variable, else what `tallyroll start` wrote into
 * the data folder, else the standard loopback ports.
 *
 * @throws ConnectionError when no application is named.
 */
export function resolveConnection(options: ConnectionOptions, io: Io): Connection {
  const { TALLYROLL_RPC, TALLYROLL_APP, TALLYROLL_NODE } = io.env;
  const dataFolder = resolveDataFolder(options.dataFolder, io);
  const local = readLocalRollup(dataFolder);
  const givenApp = options.app ?? readVariable("TALLYROLL_APP", TALLYROLL_APP, parseAddressHex);
  const givenRpc = options.rpc ?? readVariable("TALLYROLL_RPC", TALLYROLL_RPC, parseUrl);
  const givenNode = options.node ?? readVariable("TALLYROLL_NODE", TALLYROLL_NODE, parseUrl);
  // The local application is on the local chain: its address says nothing on another one.
  const isLocalChain = local !== undefined && (givenRpc ?? local.rpcUrl) === local.rpcUrl;
  const app = givenApp ?? (isLocalChain ? local.app : undefined);
  if (app === undefined) {
    const where = local === undefined ? ` (${pathOfLocalRollup(dataFolder)} is not there)` : "";
    throw new ConnectionError(`Nothing says which application is meant${where}.`, {
      whatToDo:
        "Start a local rollup with `tallyroll start`, or name one with --app ADDRESS and --rpc URL.",
    });
  }
  // Another application of the local chain is reached where the local one is.
  const fallback = isLocalChain ? local : undefined;
  const nodeUrl = givenNode ?? fallback?.nodeUrl ?? NODE_URL_DEFAULT;
  return {
    rpcUrl: givenRpc ?? fallback?.rpcUrl ?? RPC_URL_DEFAULT,
    nodeUrl,
    inspectUrl:
      options.inspectUrl ??
      (givenNode === undefined ? fallback?.inspectUrl : undefined) ??
      toInspectUrl(nodeUrl),
    app,
    dataFolder,
    local: app === local?.app ? fallback : undefined,
  };
}

/**
 * The options by which other commands reach a node on this computer: those that its defaults do not
 * say already. A node that listens on all addresses is reached by the loopback's.
 */
export function nameConnection(place: {
  readonly rpcUrl: string;
  readonly app: Hex;
  /** The node's JSON-RPC, and its inspect API. */
  readonly rpc: string;
  readonly inspect: string;
}): string {
  const reach = (url: string): string =>
    url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const [node, inspect] = [reach(place.rpc), reach(place.inspect)];
  const words = ["--rpc", place.rpcUrl, "--app", place.app];
  if (node !== NODE_URL_DEFAULT) words.push("--node", node);
  if (inspect !== toInspectUrl(node)) words.push("--inspect-url", inspect);
  return words.join(" ");
}

/** The official node serves the two on neighbouring ports; a gateway in front of it, on one. */
function toInspectUrl(nodeUrl: string): string {
  const url = new URL(nodeUrl);
  if (url.port === NODE_PORT_DEFAULT) url.port = String(Number(NODE_PORT_DEFAULT) + 1);
  return url.origin;
}

function readVariable<Value>(
  name: string,
  text: string | undefined,
  parse: (text: string) => Value,
): Value | undefined {
  if (!text) return undefined;
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    const said = isKeyDigits(text) ? "a secret, it seems" : JSON.stringify(text.slice(0, 200));
    throw new ConnectionError(`The variable ${name} is ${said}.`, {
      whatToDo: `${cause.message} Or unset the variable.`,
      cause,
    });
  }
}
