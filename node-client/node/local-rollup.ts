import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { LocalAccount } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { ask } from "../chain/ask-chain.ts";
import { type ChainReader, connectChain, getDevelopmentAccount } from "../chain/chain-client.ts";
import { ApplicationAbsent, checkApplication } from "../chain/check-contracts.ts";
import { deployApplication, deployContracts } from "../chain/deploy-contracts.ts";
import { deployToken } from "../chain/deploy-token.ts";
import { ClientError } from "../errors.ts";
import { type Anvil, type AnvilExit, AnvilFailed, STATE_INTERVAL_SEC } from "./anvil/anvil.ts";
import { type GuardedAnvil, startGuardedAnvil } from "./anvil/guarded-anvil.ts";
import { requireFreeApiPorts } from "./api/start-api.ts";
import {
  type MachineDriver,
  type RunningNode,
  type StartNodeOptions,
  startNode,
} from "./start-node.ts";

/** Development account that owns the Authority and pays for deployments and claims. */
export const OPERATOR_ACCOUNT = 9;
/**
 * Gas of a block: twice Ethereum's, which is some 400,000 readings in batches or 1,900 inputs of one
 * reading. More of the latter in a second is more than a node beside its chain on two cores runs, so
 * that inputs would wait longer and longer instead of being turned away by the chain.
 */
export const LOCAL_GAS_LIMIT = 120_000_000;

const EPOCH_LENGTH = 10;
/** The local node's own file. */
export const LOCAL_NODE_FILE = "node.sqlite";
/** Holds the chain between runs. */
const STATE_FILE = "anvil-state.json";
const START_ANEW =
  "Without one, all that was on that chain is lost: start with another --data-folder, or remove " +
  `${STATE_FILE}, local.json and node.sqlite from this one.`;

interface LocalRollupOptions
  extends Pick<StartNodeOptions, "machineSecret" | "api" | "log" | "watch"> {
  /** Holds everything that outlives a run. It has to exist. */
  readonly dataFolder: string;
  /** The folder of `package.json`: the built dApp and its worker are in `dist/` beside it. */
  readonly projectRoot: string;
  readonly driver: MachineDriver["driver"];
  readonly anvilPort: number;
  /** Path of an anvil of one's own. */
  readonly anvilBinary?: string | undefined;
  /** Seconds between blocks. */
  readonly blockTimeSec: number;
  /** Blocks an epoch: a claim comes that often. The earlier run's, or 10, unless given. */
  readonly epochLength?: number | undefined;
  /** The application of an earlier run in this folder; a new one is deployed without. */
  readonly app?: Hex | undefined;
  readonly pollMs?: number;
}

/** A chain with all contracts, an application, a test token and a node, on this computer. */
export interface LocalRollup {
  readonly chainId: number;
  /** For programs: pages in a browser are kept out. */
  readonly rpcUrl: string;
  readonly app: Hex;
  /** The test ERC-20, which anybody may mint. */
  readonly token: Hex;
  readonly running: RunningNode;
  /** The chain itself, whose own URL is not to leave this process. */
  readonly anvil: Anvil;
  /** Resolves with the reason when chain or node end by themselves. */
  readonly failed: Promise<Error>;
  /**
   * Ends node and chain so that both can go on later. Twice is once.
   *
   * @throws AnvilStateNotKept and FileError when the chain cannot go on where it ends.
   */
  close(): Promise<void>;
}

/** The project was not built. */
class BuildMissing extends ClientError {
  override readonly name = "BuildMissing";
}

/** Another end than a stop writes nothing. */
const WHERE_IT_STOPPED = "where it stopped";
const WHERE_IT_WROTE =
  `where the chain was written last, up to ${STATE_INTERVAL_SEC} s before its end: inputs since ` +
  "then are gone, and so is the money that they moved";

/** An application keeps the epochs that it was deployed with. */
class EpochLengthFixed extends ClientError {
  override readonly name = "EpochLengthFixed";
}

/** The chain that goes on is not the one that the earlier run's application is on. */
class LocalApplicationLost extends ClientError {
  override readonly name = "LocalApplicationLost";

  constructor(dataFolder: string, app: Hex, cause: unknown) {
    super(
      `The local chain has no application ${app}: ${join(dataFolder, STATE_FILE)} was removed, is ` +
        `another chain's, or the chain was killed in its first ${STATE_INTERVAL_SEC} s.`,
      { whatToDo: `Put your copy of that file back. ${START_ANEW}`, cause },
    );
  }
}

/** The local chain ended while it was needed. */
export class LocalChainEnded extends ClientError {
  override readonly name = "LocalChainEnded";

  constructor({ words, code }: AnvilExit) {
    const said = words.trim().replace(/\.$/, "");
    super(said === "" ? "The local chain ended." : `The local chain ended. ${said}.`, {
      whatToDo: `Start again with \`tallyroll start\`: it goes on ${code === 0 ? WHERE_IT_STOPPED : WHERE_IT_WROTE}.`,
    });
  }
}

/**
 * Starts everything that a rollup needs on this computer, or goes on where it stopped.
 *
 * @throws AnvilMissing, PortTaken, AnvilFailed, LocalChainEnded for the chain; EpochLengthFixed and
 * LocalApplicationLost for the earlier run's application; ListeningRefused; BuildMissing; as `startNode`.
 * @example
 * const rollup = await startLocalRollup({ dataFolder, projectRoot, driver: "worker",
 *   machineSecret, anvilPort: 8545, blockTimeSec: 1, epochLength: 10, log: console.error });
 * await rollup.close();
 */
export async function startLocalRollup(options: LocalRollupOptions): Promise<LocalRollup> {
  const { dataFolder, log } = options;
  const machine = findMachine(options.driver, options.projectRoot);
  // Before anything is deployed: a first start that fails is to leave nothing behind.
  await requireFreeApiPorts(options.api);
  const stateFile = join(dataFolder, STATE_FILE);
  const hasState = existsSync(stateFile);
  const guarded = await startGuardedAnvil({
    port: options.anvilPort,
    gasLimit: LOCAL_GAS_LIMIT,
    stateFile,
    binary: options.anvilBinary,
  }).catch((cause: unknown) => {
    if (!(cause instanceof AnvilFailed) || !hasState) throw cause;
    throw new AnvilFailed(cause.binary, cause.words, {
      whatToDo: `Where ${stateFile} is damaged, put a copy of it back. ${START_ANEW}`,
    });
  });
  const { anvil } = guarded;
  try {
    const operator = getDevelopmentAccount(OPERATOR_ACCOUNT);
    const { chainId, app, token } = await deployAll(anvil.rpcUrl, operator, options, hasState);
    await mineEvery(anvil.rpcUrl, options.blockTimeSec);
    const running = await startNode({
      rpcUrl: anvil.rpcUrl,
      app,
      databasePath: join(dataFolder, LOCAL_NODE_FILE),
      machineSecret: options.machineSecret,
      machine,
      claimer: operator,
      settlement: "finalized",
      pollMs: options.pollMs ?? 100,
      log,
      watch: options.watch,
      api: options.api,
    });
    let closing: Promise<void> | undefined;
    const chainEnded = anvil.exited.then((exit) => new LocalChainEnded(exit));
    return {
      chainId,
      rpcUrl: guarded.rpcUrl,
      app,
      token,
      running,
      anvil,
      failed: Promise.race([running.failed, chainEnded]),
      close: () => {
        closing ??= closeAll(running, guarded);
        return closing;
      },
    };
  } catch (error) {
    // What fails without a chain says less than why there is none.
    const exit = await anvil.findExit();
    await guarded.stop();
    throw exit === undefined ? error : new LocalChainEnded(exit);
  }
}

/** The chain ends last, and ends whatever the node's end comes to. */
async function closeAll(running: RunningNode, chain: GuardedAnvil): Promise<void> {
  try {
    await running.close();
  } finally {
    const { stateFault } = await chain.stop();
    // biome-ignore lint/correctness/noUnsafeFinally: a chain that is lost is worse than a node's end.
    if (stateFault !== undefined) throw stateFault;
  }
}

/**
 * Where the built program of a driver is.
 *
 * @throws BuildMissing when it is not there.
 */
export function findMachine(driver: MachineDriver["driver"], projectRoot: string): MachineDriver {
  return driver === "worker"
    ? { driver, workerUrl: pathToFileURL(findBuilt(projectRoot, "machine-worker.js")) }
    : { driver, bundlePath: findBuilt(projectRoot, "dapp/index.cjs") };
}

function findBuilt(projectRoot: string, name: string): string {
  const path = resolve(projectRoot, "dist", name);
  if (existsSync(path)) return path;
  throw new BuildMissing(`${path} is not there.`, { whatToDo: "Build it: npm run build." });
}

/**
 * What stands for the template hash of a machine that is not a Cartesi Machine: the SHA-256 of the
 * built dApp. It says which program is meant, and is not a machine hash.
 */
function computeProgramHash(projectRoot: string): Hex {
  const bundle = readFileSync(findBuilt(projectRoot, "dapp/index.cjs"));
  return `0x${createHash("sha256").update(bundle).digest("hex")}`;
}

/** Until now a block a transaction, so that deploying takes no time. */
async function mineEvery(rpcUrl: string, blockTimeSec: number): Promise<void> {
  const client = await connectChain(rpcUrl, undefined);
  await ask(client, "anvil_setIntervalMining", [blockTimeSec]);
}

async function deployAll(
  rpcUrl: string,
  operator: LocalAccount,
  options: LocalRollupOptions,
  hasState: boolean,
): Promise<{ readonly chainId: number; readonly app: Hex; readonly token: Hex }> {
  const { app: known, dataFolder, epochLength = EPOCH_LENGTH, projectRoot, log } = options;
  const client = await connectChain(rpcUrl, operator);
  await deployContracts(client);
  const token = await deployToken(client);
  const chainId = client.chain.id;
  if (known !== undefined) {
    await requireKnown(client, known, options);
    return { chainId, app: known, token };
  }
  if (hasState) {
    log(
      `The chain in ${dataFolder} goes on, and neither local.json nor ${LOCAL_NODE_FILE} says which ` +
        `application of it was used: taking the one with epochs of ${epochLength} blocks, new or not. ` +
        "If that is another, put a copy of either file back.",
    );
  }
  const templateHash = computeProgramHash(projectRoot);
  const salt: Hex = `0x${"00".repeat(32)}`;
  const { app } = await deployApplication(client, { templateHash, epochLength, salt });
  return { chainId, app, token };
}

/** That the earlier run's application is there, and is what this run was asked for. */
async function requireKnown(
  client: ChainReader,
  app: Hex,
  { dataFolder, epochLength: asked }: LocalRollupOptions,
): Promise<void> {
  const { epochLength } = await checkApplication(client, app).catch((cause: unknown) => {
    throw cause instanceof ApplicationAbsent
      ? new LocalApplicationLost(dataFolder, app, cause)
      : cause;
  });
  if (asked === undefined || asked === epochLength) return;
  throw new EpochLengthFixed(
    `The application in ${dataFolder} has epochs of ${epochLength} blocks, which cannot become ${asked}.`,
    { whatToDo: "Leave --epoch-length out, or start another rollup with another --data-folder." },
  );
}
