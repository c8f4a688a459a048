import { join } from "node:path";
import type { Command } from "commander";
import type { LocalAccount } from "viem";
import { findMachine } from "../../node/built-program.ts";
import { startLocalRollup } from "../../node/local-rollup.ts";
import { type RunningNode, type StartNodeOptions, startNode } from "../../node/start-node.ts";
import { resolveAccount } from "../connection/account-options.ts";
import { nameConnection } from "../connection/connection-options.ts";
import { readLocalRollup, writeLocalRollup } from "../connection/local-rollup-file.ts";
import { loadMachineSecret, resolveDataFolder } from "../connection/machine-key.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { formatFields } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ActivityLog } from "./activity-log.ts";
import { findKeptIdentity, makeDataFolder, refuseRunningRollup } from "./data-folder.ts";
import { type Started, serveUntilStopped } from "./serve-until-stopped.ts";
import {
  addStartOptions,
  requireStartable,
  type StartOptions,
  toApiPlace,
} from "./start-options.ts";

/** Between two looks at a chain of somebody else's. */
const FOREIGN_POLL_MS = 1_000;

const HELP = `
Without --rpc it starts a development chain (anvil) on this computer, deploys Cartesi's contracts,
an application and a test ERC-20 there, and runs the node. All of it is kept in the data folder: the
next start goes on where this one stopped. Ctrl-C ends it.

With --rpc and --app it runs the node of an application that is there already. Epochs are claimed
with the account of --keystore or TALLYROLL_PRIVATE_KEY, which has to own the application's
Authority; --no-claims leaves that to others.

The node answers the official node's API on loopback: JSON-RPC at :10011/rpc, inspect at
:10012/inspect/ADDRESS, health at :10000/readyz. Whoever reaches the inspect API reads every open
stream: think of that before --host. Web pages are kept out unless --allow-origin names theirs; a
reverse proxy that passes its own host name on needs --allow-host.

The log on standard error has a line for each input and for each claim that is sent or accepted, and
sums up what comes faster than twenty a second; --quiet leaves them out.

Examples:
  $ tallyroll start
  $ tallyroll start --quiet
  $ tallyroll start --port 9545 --block-time 2 --epoch-length 30
  $ TALLYROLL_PRIVATE_KEY=… tallyroll start --rpc https://rpc.example --app 0x…`;

export function addStartCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("start", "run a node, with a chain of its own or on one that is there")
    .with(addStartOptions)
    .help(HELP)
    .run(({ options }) => runStart(options, terminal));
}

async function runStart(options: StartOptions, terminal: Terminal): Promise<void> {
  const dataFolder = resolveDataFolder(options.dataFolder, terminal.io);
  // First what may be wrong with the command itself: a key is made for a node that starts.
  await requireStartable(options);
  makeDataFolder(dataFolder);
  const machine = loadMachineSecret(options.dataFolder, terminal);
  if (options.rpc !== undefined && machine.isNew) {
    terminal.note(
      "  This key was made just now: an application that has inputs already has its own, without " +
        "which no claim comes out right. Set TALLYROLL_MACHINE_KEY to that one.",
    );
  }
  const start = options.rpc === undefined ? startOwnChain : startOnChain;
  // Lines with their time, in UTC: what stays up for weeks is read afterwards.
  const log = (line: string): void =>
    terminal.note(`${new Date().toISOString().slice(0, 19)}Z ${line}`);
  const activity = new ActivityLog(log);
  const node: NodeOptions = {
    machineSecret: machine.secret,
    api: toApiPlace(options),
    log,
    watch: options.quiet ? undefined : (done) => activity.add(done),
  };
  try {
    await serveUntilStopped(() => start(options, dataFolder, node, terminal), options, terminal);
  } finally {
    activity.flush();
  }
}

/** What a node is given, on whichever chain. */
type NodeOptions = Pick<StartNodeOptions, "machineSecret" | "api" | "log" | "watch">;

async function startOwnChain(
  options: StartOptions,
  dataFolder: string,
  node: NodeOptions,
  terminal: Terminal,
): Promise<Started> {
  const known = readLocalRollup(dataFolder);
  await refuseRunningRollup(dataFolder, known);
  const rollup = await startLocalRollup({
    dataFolder,
    projectRoot: terminal.io.projectRoot,
    driver: options.driver,
    anvilPort: options.port,
    anvilBinary: terminal.io.env.TALLYROLL_ANVIL || undefined,
    blockTimeSec: options.blockTime,
    epochLength: options.epochLength,
    known: known ?? findKeptIdentity(dataFolder),
    ...(options.poll === undefined ? {} : { pollMs: options.poll }),
    ...node,
  });
  const { chainId, rpcUrl, app, token, running } = rollup;
  const { rpc: nodeUrl, inspect: inspectUrl } = running.urls;
  const { machineKey } = running.identity;
  const local = { chainId, rpcUrl, nodeUrl, inspectUrl, app, token, machineKey };
  try {
    writeLocalRollup(dataFolder, local);
  } catch (error) {
    await rollup.close().catch(() => {});
    throw error;
  }
  const facts = { ...describeNode(running), chainId, rpcUrl, token, dataFolder };
  const hint = terminal.hint("in another terminal, try `tallyroll deposit 1 --dev-account 1`");
  return toStarted(facts, hint, rollup, terminal);
}

async function startOnChain(
  options: StartOptions,
  dataFolder: string,
  node: NodeOptions,
  terminal: Terminal,
): Promise<Started> {
  const { rpc: rpcUrl, app } = options;
  if (rpcUrl === undefined || app === undefined) throw new RangeError("it was looked at before");
  let claimer: LocalAccount | undefined;
  if (options.claims) claimer = await resolveAccount(options, undefined, terminal);
  const running = await startNode({
    ...node,
    rpcUrl,
    app,
    databasePath: join(dataFolder, `node-${app}.sqlite`),
    machine: findMachine(options.driver, terminal.io.projectRoot),
    claimer,
    settlement: options.settlement ?? "finalized",
    pollMs: options.poll ?? FOREIGN_POLL_MS,
  });
  const facts = { ...describeNode(running), chainId: running.identity.chainId, rpcUrl, dataFolder };
  const hint = `other commands reach it with ${nameConnection({ rpcUrl, app, ...running.urls })}`;
  return toStarted(facts, hint, running, terminal);
}

/** What is said of a node that serves. */
function describeNode({ identity, urls, node }: RunningNode) {
  return {
    app: identity.app,
    consensus: identity.consensus,
    epochLength: identity.epochLength,
    machineKey: identity.machineKey,
    nodeUrl: urls.rpc,
    inspectUrl: urls.inspect,
    healthUrl: urls.health,
    inputs: node.view.getProcessedInputCount(),
  };
}

/** With what to print of it, and how it ends. */
function toStarted(
  facts: ReturnType<typeof describeNode> & { rpcUrl: string; token?: string },
  hint: string,
  { failed, close }: Pick<Started, "failed" | "close">,
  terminal: Terminal,
): Started {
  const lines = [
    ["chain", facts.rpcUrl],
    ["application", facts.app],
    ...(facts.token === undefined ? [] : [["test token", facts.token]]),
    ["machine key", facts.machineKey],
    ["JSON-RPC", facts.nodeUrl],
    ["inspect", `${facts.inspectUrl}/inspect/${facts.app}`],
    ["health", `${facts.healthUrl}/readyz`],
    ["inputs so far", String(facts.inputs)],
  ];
  const words = `${formatFields(lines, terminal.columns, 14)}ready: ${hint}; Ctrl-C ends it\n`;
  return { facts, words, failed, close };
}
