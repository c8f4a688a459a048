import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "../../../spec/outputs.ts";
import { describeFault } from "../../kept/file-error.ts";
import { replaceKeptFile } from "../../kept/kept-file.ts";
import { parseObject } from "../terminal/format-json.ts";
import { errorKind } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

const LOCAL_FILE = "local.json";

/** What `tallyroll start` tells the other commands, so that they need no options. */
export interface KnownRollup {
  readonly chainId: number;
  readonly rpcUrl: string;
  /** The node's JSON-RPC, such as `http://127.0.0.1:10011/rpc`. */
  readonly nodeUrl: string;
  /** The node's inspect API, such as `http://127.0.0.1:10012`. */
  readonly inspectUrl: string;
  /** The application's contract, lower case. */
  readonly app: Hex;
  /** The test ERC-20, lower case; `null` where none was deployed. */
  readonly token: Hex | null;
  /** The machine's X25519 public key. */
  readonly machineKey: Hex;
}

const LocalRollupFileError = errorKind("LocalRollupFileError");

/** The path of a data folder's `local.json`. */
export const pathOfLocalRollup = (dataFolder: string): string => join(dataFolder, LOCAL_FILE);

/** The local rollup of a data folder, running or not; `undefined` where none was ever started. */
export function readLocalRollup(dataFolder: string): KnownRollup | undefined {
  const path = pathOfLocalRollup(dataFolder);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return undefined;
    throw new LocalRollupFileError(`Cannot read ${path} (${codeOf(cause)}).`, {
      whatToDo: "Make it readable, or name the application with --app and --rpc.",
      cause,
    });
  }
  const local = parseLocalRollup(text);
  if (local !== undefined) return local;
  throw new LocalRollupFileError(`${path} describes no local rollup.`, {
    whatToDo:
      "Remove it and run `tallyroll start`, which writes it again with the application that " +
      "node.sqlite beside it names.",
  });
}

/**
 * @returns Its path.
 * @throws LocalRollupFileError when it cannot be written.
 */
export function writeLocalRollup(dataFolder: string, local: KnownRollup): string {
  const path = pathOfLocalRollup(dataFolder);
  try {
    replaceKeptFile(path, `${JSON.stringify(local, null, 2)}\n`);
  } catch (cause) {
    throw new LocalRollupFileError(`Cannot write ${path}: ${describeFault(cause)}.`, {
      whatToDo: "Name a folder of yours with --data-folder, with room left.",
      cause,
    });
  }
  return path;
}

const isAddress = (value: unknown): value is Hex =>
  typeof value === "string" && /^0x[0-9a-f]{40}$/.test(value);

function parseLocalRollup(text: string): KnownRollup | undefined {
  const fields = parseObject(text) ?? {};
  const { chainId, rpcUrl, nodeUrl, inspectUrl, app, token, machineKey } = fields;
  const urls = [rpcUrl, nodeUrl, inspectUrl];
  const isWhole =
    Number.isSafeInteger(chainId) &&
    urls.every((url) => typeof url === "string" && URL.canParse(url)) &&
    isAddress(app) &&
    (token === null || isAddress(token)) &&
    typeof machineKey === "string" &&
    /^0x[0-9a-f]{64}$/.test(machineKey);
  return isWhole ? (fields as unknown as KnownRollup) : undefined;
}
