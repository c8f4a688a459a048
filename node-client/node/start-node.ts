import type { LocalAccount } from "viem";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { encodeHex } from "../../dapp/rollup/rollup-request.ts";
import { OUT_OF_MEMORY_EXIT_CODE } from "../../dapp/store/out-of-memory.ts";
import type { Hex } from "../../spec/outputs.ts";
import { connectChain } from "../chain/chain-client.ts";
import { checkApplication, checkChain } from "../chain/check-contracts.ts";
import { type ConsensusKind, checkClaimer, readConsensusKind } from "../chain/consensus-kind.ts";
import { ConsensusChanged } from "../chain/read-segment.ts";
import { type Api, type ApiPlace, startApi } from "./api/start-api.ts";
import { HttpMachine } from "./machine/http-machine.ts";
import type { Machine } from "./machine/machine.ts";
import { WorkerMachine } from "./machine/worker-machine.ts";
import { createRpcChainSource } from "./run/chain-follower.ts";
import { EmbeddedNode, type EmbeddedNodeOptions } from "./run/embedded-node.ts";
import { createRpcClaimSender, type Settlement } from "./run/rpc-claim-sender.ts";
import type { NodeIdentity } from "./store/node-store.ts";
import { openNodeStore } from "./store/open-node-store.ts";

/** What runs the dApp: the engine in a thread, or the built dApp as a process of its own. */
export type MachineDriver =
  | { readonly driver: "worker"; readonly workerUrl: URL }
  | { readonly driver: "http"; readonly bundlePath: string };

export interface StartNodeOptions extends Pick<EmbeddedNodeOptions, "pollMs" | "log" | "watch"> {
  readonly rpcUrl: string;
  /** The application's contract. */
  readonly app: Hex;
  /** The node's SQLite file. */
  readonly databasePath: string;
  /** The machine's X25519 secret, 32 bytes. */
  readonly machineSecret: Uint8Array;
  readonly machine: MachineDriver;
  /** Sends claims; without it the node only computes them. */
  readonly claimer: LocalAccount | undefined;
  /** When a block counts as settled, so that its epoch can be claimed. */
  readonly settlement: Settlement;
  readonly api?: ApiPlace | undefined;
}

/** A node that serves. */
export interface RunningNode {
  readonly node: EmbeddedNode;
  readonly identity: NodeIdentity;
  readonly urls: Api["urls"];
  /** Resolves with the reason when the node cannot go on. */
  readonly failed: Promise<Error>;
  /** Ends it so that the next start is quick. Twice is once. */
  close(): Promise<void>;
}

/**
 * Checks chain, contracts and file, brings the machine back to where it was, follows the chain from
 * there and serves the API.
 *
 * @throws ContractsAbsent, ContractsOfAnotherLine, ApplicationAbsent and WrongChain where the chain
 * is not what it should be; ClaimerRefused; NodeStoreError for the file; PortTaken; MachineLost and MachineDiverged
 * for the machine; what `toClientError` gives for a chain that does not answer.
 * @example
 * const running = await startNode({ rpcUrl, app, databasePath, machineSecret, machine, claimer,
 *   settlement: "finalized", pollMs: 1_000, log: console.error });
 */
export async function startNode(options: StartNodeOptions): Promise<RunningNode> {
  const { rpcUrl, claimer, machineSecret, pollMs, log, settlement } = options;
  const client = await connectChain(rpcUrl, undefined);
  const writer = claimer && (await connectChain(rpcUrl, claimer));
  const chainId = await checkChain(client, { rpcUrl });
  const facts = await checkApplication(client, options.app);
  const crypto = await createNodeCrypto();
  const machineKey = crypto.x25519PublicKey(machineSecret);
  const current: NodeIdentity = { chainId, ...facts, machineKey: encodeHex(machineKey) };
  const store = openNodeStore(options.databasePath, current, { mayHaveLeft: true });
  const identity = store.getIdentity();
  const { consensus } = identity;
  const hasLeft = consensus !== facts.consensus;
  let kind: ConsensusKind | undefined;
  try {
    kind = await readConsensusKind(client, consensus);
    if (claimer && !hasLeft) await checkClaimer(client, { consensus, kind }, claimer.address);
  } catch (error) {
    store.close();
    throw error;
  }
  const node = await EmbeddedNode.start({
    store,
    chain: createRpcChainSource(client, identity),
    claims: hasLeft ? undefined : writer && createRpcClaimSender(writer, identity, settlement),
    left: hasLeft ? new ConsensusChanged(facts.consensus) : undefined,
    startMachine: () => startMachine(options.machine, machineSecret, log),
    pollMs,
    log,
    watch: options.watch,
  });
  let api: Api;
  try {
    api = await startApi({
      view: node.view,
      inspect: (query) => node.inspect(query),
      isReady: () => node.isReady(),
      getStanding: () => {
        const reason = node.findFault() ?? null;
        const state = reason === null ? "ENABLED" : "INOPERABLE";
        return { consensusType: kind ?? null, state, reason };
      },
      log,
      ...options.api,
    });
  } catch (error) {
    await node.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    node,
    identity,
    urls: api.urls,
    failed: node.failed,
    close: () => {
      closing ??= api.close().then(() => node.close());
      return closing;
    },
  };
}

function startMachine(
  machine: MachineDriver,
  machineSecret: Uint8Array,
  log: (line: string) => void,
): Promise<Machine> {
  if (machine.driver === "worker") {
    return WorkerMachine.start({ machineSecret, workerUrl: machine.workerUrl });
  }
  // Its exception would be a verdict on the input: for lack of memory it exits without one.
  const env = {
    TALLYROLL_MACHINE_KEY: Buffer.from(machineSecret).toString("hex"),
    TALLYROLL_OUT_OF_MEMORY: "exit",
  };
  const guest = {
    command: process.execPath,
    args: [machine.bundlePath],
    env,
    outOfMemoryExitCode: OUT_OF_MEMORY_EXIT_CODE,
  };
  return HttpMachine.start({ guest, log });
}
