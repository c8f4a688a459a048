import type { Command } from "commander";
import { atApplication, type NamedChainPlace } from "../../replay/verify-chain.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  addChainOptions,
  type ConnectionOptions,
  resolveConnection,
} from "./connection-options.ts";

/** Options of the commands that read a chain as of one block. */
export interface ChainPlaceOptions extends Pick<ConnectionOptions, "rpc" | "app" | "dataFolder"> {
  readonly toBlock?: number;
}

/** Adds `--app`, `--rpc` and `--to-block`. */
export function addChainPlaceOptions(command: Command): Command {
  return addChainOptions(command).option(
    "--to-block <n>",
    "read up to this block (default: the chain's head)",
    parseWhole(0, Number.MAX_SAFE_INTEGER),
  );
}

/**
 * Does work that reads an application's history, as of one block that the chain still has when the
 * work is done. After a reorganisation the work is done anew, so it must leave nothing behind.
 *
 * @throws ClientError when there is no such application, chain or block, and what the work throws.
 */
export async function atChainPlace<Result>(
  options: ChainPlaceOptions,
  terminal: Terminal,
  work: (place: NamedChainPlace) => Promise<Result>,
): Promise<Result> {
  const { rpcUrl, app } = resolveConnection(options, terminal.io);
  const onReorganized = (): void =>
    terminal.note("The chain was reorganised while it was read: beginning anew.");
  return await atApplication({ rpcUrl, app, toBlock: options.toBlock, onReorganized }, work);
}
