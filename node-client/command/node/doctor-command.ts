import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { bytesToHex } from "viem";
import { getRoot } from "../../client/actions/account-queries.ts";
import { checkClient, getChainStatus } from "../../client/actions/chain-status.ts";
import { getNodeStatus } from "../../client/actions/node-epochs.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../client/actions/tallyroll-client.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { findAnvil } from "../../node/anvil/anvil-binary.ts";
import {
  type Connection,
  type ConnectionOptions,
  resolveConnection,
} from "../connection/connection-options.ts";
import { formatBytes, measureFolder } from "../connection/data-folder-usage.ts";
import { readKeystore } from "../connection/keystore.ts";
import { findMachineSecret, KEY_FILE, resolveDataFolder } from "../connection/machine-key.ts";
import { addReaderOptions } from "../connection/online.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Io } from "../terminal/io.ts";
import { codeOf, type Terminal } from "../terminal/terminal.ts";

/** `package.json` asks for it: `engines`. */
const NODE_VERSION_LEAST = [20, 12] as const;
/** A day of a busy node; anvil and SQLite fail in the middle of a block on a full disk. */
const FREE_BYTES_LEAST = 2 ** 30;
/** A development chain whose head is older has stopped mining, or the two clocks differ. */
const HEAD_AGE_SEC_MAX = 120;
/** Blocks that a node may lag, since it asks the chain once a second or so. */
const LAG_BLOCKS_MAX = 20;

/** What one check found. `whatToDo` is there for all but `ok`. */
export interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warning" | "fault";
  readonly found: string;
  readonly whatToDo?: string;
}

type Found = Omit<Finding, "check">;

const ok = (found: string): Found => ({ verdict: "ok", found });
const warning = (found: string, whatToDo: string) =>
  ({ verdict: "warning", found, whatToDo }) as const;
const fault = (found: string, whatToDo: string) => ({ verdict: "fault", found, whatToDo }) as const;

/**
 * Looks at everything that a command needs, from the inside out: this computer, the data folder, the
 * keys, the chain, the node, and whether they belong together. Changes nothing.
 *
 * @param nowSec Unix seconds of this computer.
 */
async function* runChecks(
  options: ConnectionOptions,
  terminal: Terminal,
  nowSec: number,
): AsyncGenerator<Finding, void> {
  const folder = resolveDataFolder(options.dataFolder, terminal.io);
  yield await look("node version", () => checkNodeVersion(process.versions.node));
  yield await look("anvil", () => checkAnvil(terminal.io));
  yield await look("data folder", () => checkFolder(folder));
  yield await look("machine key", () => checkMachineKey(folder, terminal.io));
  if (terminal.io.env.TALLYROLL_KEYSTORE) {
    const file = terminal.io.env.TALLYROLL_KEYSTORE;
    yield await look("keystore", () => ok(readKeystore(file, terminal.io).path));
  }
  let connection: Connection | undefined;
  yield await look("application", () => {
    connection = resolveConnection(options, terminal.io);
    return ok(connection.app);
  });
  if (connection === undefined) return;
  const { app, rpcUrl, nodeUrl, inspectUrl } = connection;
  const place = connection;
  let client: TallyrollClient | undefined;
  yield await look("chain", async () => {
    client = await createTallyrollClient({ app, nodeUrl, inspectUrl, chain: { rpcUrl } });
    return checkChainId(client.chainId, place);
  });
  if (client === undefined) return;
  const asked = client;
  yield await look("chain's head", () => checkHead(asked, nowSec));
  yield await look("node", () => checkNode(asked));
  yield await look("contracts", async () => {
    const { consensus } = await checkClient(asked);
    return ok(`of Cartesi's line, consensus ${consensus}`);
  });
  yield await look("inspect API", () => {
    const secret = findMachineSecret(options.dataFolder, terminal)?.secret;
    return checkInspect(asked, place, secret);
  });
}

/** A check's own error is what it found. */
async function look(check: string, find: () => Found | Promise<Found>): Promise<Finding> {
  try {
    return { check, ...(await find()) };
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause;
    return { check, ...fault(cause.shortMessage, cause.whatToDo) };
  }
}

/** @param version As Node states its own, such as `20.12.1`. */
export function checkNodeVersion(version: string): Found {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorLeast, minorLeast] = NODE_VERSION_LEAST;
  if (major > majorLeast || (major === majorLeast && minor >= minorLeast)) return ok(version);
  return fault(version, `Use Node ${majorLeast}.${minorLeast} or newer.`);
}

/** Whoever uses a chain that is there needs none. */
function checkAnvil({ env }: Io): Found {
  try {
    return ok(findAnvil(env.TALLYROLL_ANVIL, env));
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause;
    return warning(cause.shortMessage, cause.whatToDo);
  }
}

function checkFolder(folder: string): Found {
  const usage = measureFolder(folder);
  if (usage === undefined) return ok(`${folder} is not there yet: it is made on first use`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const found = `${folder} cannot be written (${codeOf(cause)})`;
    return fault(found, "Make it yours, or name another with --data-folder or TALLYROLL_HOME.");
  }
  const found = `${folder}, ${formatBytes(usage.freeBytes)} free`;
  if (usage.freeBytes >= FREE_BYTES_LEAST) return ok(found);
  return warning(found, "Make room: a node and its chain stop when the disk is full.");
}

function checkMachineKey(folder: string, { env, cwd }: Io): Found {
  if (env.TALLYROLL_MACHINE_KEY) {
    const isKey = /^(?:0x)?[0-9a-fA-F]{64}$/.test(env.TALLYROLL_MACHINE_KEY.trim());
    if (isKey) return ok("in TALLYROLL_MACHINE_KEY");
    return fault("TALLYROLL_MACHINE_KEY holds no key", "Set it to 64 hexadecimal digits.");
  }
  const file = env.TALLYROLL_MACHINE_KEY_FILE;
  const path = file ? resolve(cwd, file) : join(folder, KEY_FILE);
  try {
    const { mode } = statSync(path);
    if (process.platform === "win32" || (mode & 0o077) === 0) return ok(path);
    return warning(`${path} can be read by others`, `Run: chmod 600 ${path}`);
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") {
      return fault(`${path} cannot be read (${codeOf(cause)})`, "Make it readable to you alone.");
    }
    return ok("none yet: the first start makes one");
  }
}

function checkChainId(chainId: number, { rpcUrl, local }: Connection): Found {
  const found = `${chainId} at ${rpcUrl}`;
  if (local === undefined || local.chainId === chainId) return ok(found);
  const whatToDo = "Name that chain with --rpc, or another data folder with --data-folder.";
  return fault(`${found}, but the data folder's rollup is on chain ${local.chainId}`, whatToDo);
}

async function checkHead(client: TallyrollClient, nowSec: number): Promise<Found> {
  const { headBlock, headTimeSec } = await getChainStatus(client);
  const ageSec = nowSec - headTimeSec;
  const found = `block ${headBlock}, ${Math.abs(ageSec)} s ${ageSec < 0 ? "ahead" : "old"}`;
  if (Math.abs(ageSec) <= HEAD_AGE_SEC_MAX) return ok(found);
  const whatToDo =
    "Check this computer's clock and that the provider follows the chain: deadlines are judged by " +
    "the chain's time.";
  return warning(found, whatToDo);
}

async function checkNode(client: TallyrollClient): Promise<Found> {
  const [node, { headBlock, inputCount }] = await Promise.all([
    getNodeStatus(client),
    getChainStatus(client),
  ]);
  const { state, reason, lastBlock, processedInputCount, rejectedClaimCount } = node;
  const found = `${state} at ${client.nodeUrl}, ${processedInputCount} of ${inputCount} inputs`;
  if (state !== "ENABLED") {
    return fault(`${found}: ${reason ?? "no reason given"}`, "Read the node's log for the cause.");
  }
  if (rejectedClaimCount > 0) {
    const whatToDo = "Run `tallyroll replay`: it says which of the two claims holds.";
    return fault(`${found}, ${rejectedClaimCount} of its claims rejected`, whatToDo);
  }
  const lag = headBlock - lastBlock;
  if (lag <= LAG_BLOCKS_MAX) return ok(found);
  const late = `${found}, ${countOf(lag, "block")} after the head`;
  return warning(late, "Wait, or look whether it is stuck.");
}

async function checkInspect(
  client: TallyrollClient,
  { local }: Connection,
  secret: Uint8Array | undefined,
): Promise<Found> {
  const key = bytesToHex((await getRoot(client)).machineKey);
  const own = secret && bytesToHex(client.crypto.x25519PublicKey(secret));
  const found = `${client.inspectUrl} runs under the machine key ${key}`;
  if (own !== undefined && own !== key) {
    const whatToDo =
      "Nothing of this application opens with it: set TALLYROLL_MACHINE_KEY to the application's.";
    return fault(`${found}, and the secret here gives ${own}`, whatToDo);
  }
  if (local === undefined || local.machineKey === key) return ok(client.inspectUrl);
  const whatToDo = "Name the node of this data folder's rollup with --node and --inspect-url.";
  return fault(`${found}, the data folder's is ${local.machineKey}`, whatToDo);
}

const HELP = `
Looks at what commands need: this computer, the data folder, keys, chain and node, and whether they
belong together. It changes nothing and sends nothing. Exit code 0: no fault; 2: at least one.

Examples:
  $ tallyroll doctor
  $ tallyroll doctor --rpc https://rpc.example --app 0x… --node http://127.0.0.1:10011/rpc`;

const MARKS = { ok: "ok", warning: "WARNING", fault: "FAULT" } as const;

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("doctor", "say what is wrong here, and what to do about it")
    .with(addReaderOptions)
    .help(HELP)
    .run(async ({ options }) => {
      const findings: Finding[] = [];
      for await (const found of runChecks(options, terminal, Math.floor(Date.now() / 1_000))) {
        const { whatToDo } = found;
        const finding = whatToDo ? { ...found, whatToDo: terminal.hint(whatToDo) } : found;
        findings.push(finding);
        if (!options.json) await terminal.print(formatFinding(finding));
      }
      if (options.json) await terminal.print(formatJson({ findings }));
      terminal.exitCode = findings.some(({ verdict }) => verdict === "fault") ? 2 : 0;
    });
}

function formatFinding({ check, verdict, found, whatToDo }: Finding): string {
  const advice = whatToDo === undefined ? "" : `${"".padEnd(9)}${whatToDo}\n`;
  return `${MARKS[verdict].padEnd(9)}${check}: ${found}\n${advice}`;
}
