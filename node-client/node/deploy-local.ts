import { join } from "node:path";
import type { LocalAccount } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { type ChainReader, connectChain } from "../chain/chain-client.ts";
import { ApplicationAbsent, checkApplication } from "../chain/check-contracts.ts";
import { deployApplication, deployContracts } from "../chain/deploy-contracts.ts";
import { deployToken } from "../chain/deploy-token.ts";
import { ClientError } from "../errors.ts";
import { STATE_INTERVAL_SEC } from "./anvil/anvil.ts";
import { computeLocalTemplate } from "./built-program.ts";

const EPOCH_LENGTH = 10;
/** The local node's own file. */
export const LOCAL_NODE_FILE = "node.sqlite";
/** Holds the chain between runs. */
export const STATE_FILE = "anvil-state.json";
export const START_ANEW =
  "Without one, all that was on that chain is lost: start with another --data-folder, or remove " +
  `${STATE_FILE}, local.json and node.sqlite from this one.`;

/** What a local rollup is deployed from, or was. */
export interface LocalDeployment {
  /** Holds everything that outlives a run. It has to exist. */
  readonly dataFolder: string;
  /** The folder of `package.json`: the built dApp and its worker are in `dist/` beside it. */
  readonly projectRoot: string;
  /** The machine's X25519 secret, 32 bytes. */
  readonly machineSecret: Uint8Array;
  /** Blocks an epoch: a claim comes that often. The earlier run's, or 10, unless given. */
  readonly epochLength?: number | undefined;
  /** The application of an earlier run in this folder, and its machine's public key. */
  readonly known?: { readonly app: Hex; readonly machineKey: Hex } | undefined;
  /** Takes one line about what an operator should know. */
  readonly log: (line: string) => void;
}

/** An application keeps the epochs that it was deployed with. */
class EpochLengthFixed extends ClientError {
  override readonly name = "EpochLengthFixed";
}

/** An application keeps the machine's key that it was deployed with: every root is of it. */
class MachineKeyFixed extends ClientError {
  override readonly name = "MachineKeyFixed";

  constructor(dataFolder: string, app: Hex, deployed: Hex, given: Hex) {
    super(
      `The application ${app} in ${dataFolder} has the machine key ${deployed}, which cannot become ` +
        `${given}.`,
      {
        whatToDo:
          "Put the secret that it was deployed with back: unset or correct TALLYROLL_MACHINE_KEY, or " +
          `restore ${join(dataFolder, "machine-key")}. Or start another rollup with another ` +
          "--data-folder.",
      },
    );
  }
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

/**
 * Deploys everything that a local chain lacks, or finds what an earlier run has deployed.
 *
 * @throws MachineKeyFixed, EpochLengthFixed and LocalApplicationLost for the earlier run's
 * application; BuildMissing.
 */
export async function deployLocal(
  rpcUrl: string,
  operator: LocalAccount,
  options: LocalDeployment,
  hasState: boolean,
): Promise<{ readonly chainId: number; readonly app: Hex; readonly token: Hex }> {
  const { known, dataFolder, epochLength = EPOCH_LENGTH, projectRoot, log } = options;
  const template = await computeLocalTemplate(projectRoot, options.machineSecret);
  // What the folder says needs no chain, and nothing is to be deployed beside another key's.
  if (known !== undefined && known.machineKey !== template.machineKey) {
    throw new MachineKeyFixed(dataFolder, known.app, known.machineKey, template.machineKey);
  }
  const client = await connectChain(rpcUrl, operator);
  await deployContracts(client);
  const token = await deployToken(client);
  const chainId = client.chain.id;
  if (known !== undefined) {
    await requireKnown(client, known.app, template.templateHash, options);
    return { chainId, app: known.app, token };
  }
  if (hasState) {
    log(
      `The chain in ${dataFolder} goes on, and neither local.json nor ${LOCAL_NODE_FILE} says which ` +
        `application of it was used: taking the one with epochs of ${epochLength} blocks, of this ` +
        "machine key and this build, new or not. " +
        "If that is another, put a copy of either file back.",
    );
  }
  const { templateHash } = template;
  const salt: Hex = `0x${"00".repeat(32)}`;
  const { app } = await deployApplication(client, { templateHash, epochLength, salt });
  return { chainId, app, token };
}

/** That the earlier run's application is there, and is what this run was asked for. */
async function requireKnown(
  client: ChainReader,
  app: Hex,
  expected: Hex,
  { dataFolder, epochLength: asked, log }: LocalDeployment,
): Promise<void> {
  const { epochLength, templateHash } = await checkApplication(client, app).catch(
    (cause: unknown) => {
      throw cause instanceof ApplicationAbsent
        ? new LocalApplicationLost(dataFolder, app, cause)
        : cause;
    },
  );
  if (templateHash !== expected) {
    log(
      `The application in ${dataFolder} was deployed with another build of the program: its template ` +
        `hash is ${templateHash}, this build's ${expected}. A replay can prove the machine key by its ` +
        "claims alone; another --data-folder gets an application of this build.",
    );
  }
  if (asked === undefined || asked === epochLength) return;
  throw new EpochLengthFixed(
    `The application in ${dataFolder} has epochs of ${epochLength} blocks, which cannot become ${asked}.`,
    { whatToDo: "Leave --epoch-length out, or start another rollup with another --data-folder." },
  );
}
