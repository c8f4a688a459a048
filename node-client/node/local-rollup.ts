import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "../../spec/outputs.ts";
import { ask } from "../chain/ask-chain.ts";
import { connectChain, getDevelopmentAccount } from "../chain/chain-client.ts";
import { ClientError } from "../errors.ts";
import { type Anvil, type AnvilExit, AnvilFailed, STATE_INTERVAL_SEC } from "./anvil/anvil.ts";
import { type GuardedAnvil, startGuardedAnvil } from "./anvil/guarded-anvil.ts";
import { requireFreeApiPorts } from "./api/start-api.ts";
import { findMachine } from "./built-program.ts";
import {
  deployLocal,
  LOCAL_NODE_FILE,
  type LocalDeployment,
  START_ANEW,
  STATE_FILE,
} from "./deploy-local.ts";
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

interface LocalRollupOptions
  extends LocalDeployment,
    Pick<StartNodeOptions, "api" | "log" | "watch"> {
  readonly driver: MachineDriver["driver"];
  readonly anvilPort: number;
  /** Path of an anvil of one's own. */
  readonly anvilBinary?: string | undefined;
  /** Seconds between blocks. */
  readonly blockTimeSec: number;
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

/** Another end than a stop writes nothing. */
const WHERE_IT_STOPPED = "where it stopped";
const WHERE_IT_WROTE =
  `where the chain was written last, up to ${STATE_INTERVAL_SEC} s before its end: inputs since ` +
  "then are gone, and so is the money that they moved";

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
 * @throws AnvilMissing, PortTaken, AnvilFailed, LocalChainEnded for the chain; EpochLengthFixed,
 * MachineKeyFixed and LocalApplicationLost for the earlier run's application; ListeningRefused;
 * BuildMissing; as `startNode`.
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
    const { chainId, app, token } = await deployLocal(anvil.rpcUrl, operator, options, hasState);
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

/** Until now a block a transaction, so that deploying takes no time. */
async function mineEvery(rpcUrl: string, blockTimeSec: number): Promise<void> {
  const client = await connectChain(rpcUrl, undefined);
  await ask(client, "anvil_setIntervalMining", [blockTimeSec]);
}
