import { getContract } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { poll } from "../../chain/poll.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { type EpochInfo, getEpoch } from "./node-epochs.ts";
import { isOutOfReach } from "./node-errors.ts";
import { getOutput, type OutputInfo } from "./node-outputs.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";

/** How far an epoch's claim is, and when to look again. */
export interface ClaimEstimate {
  readonly epoch: EpochInfo;
  readonly currentBlock: number;
  /** Blocks until the epoch has ended; 0 once it has. */
  readonly blocksLeft: number;
  /** Seconds between the chain's latest blocks, on average. */
  readonly blockIntervalSec: number;
  /**
   * Seconds until the epoch has ended. The claim comes a little later: the node waits until the
   * epoch's last block is safe from reorganisations.
   */
  readonly notBeforeSec: number;
}

/** An output's claim is not on chain yet, so that no contract can check the output. */
export class ClaimNotAccepted extends ClientError {
  override readonly name = "ClaimNotAccepted";
  readonly estimate: ClaimEstimate | undefined;

  constructor({ outputIndex, epochIndex }: OutputInfo, estimate: ClaimEstimate | undefined) {
    super(
      `The claim is not there yet: output ${outputIndex} waits for the claim of epoch ${epochIndex}${describe(estimate)}.`,
      { whatToDo: "Try again later, or wait for the claim." },
    );
    this.estimate = estimate;
  }
}

/** The epoch's claim was accepted with another root than the node's: they disagree. */
export class ClaimRejected extends ClientError {
  override readonly name = "ClaimRejected";

  constructor(epochIndex: number) {
    super(`The chain accepted another claim of epoch ${epochIndex} than the node computed.`, {
      whatToDo: "Replay the history (`tallyroll replay`) to find out who is wrong.",
    });
  }
}

/** Blocks over which the interval is averaged: enough to smooth, few enough to follow a change. */
const BLOCKS_AVERAGED = 20;

/**
 * When an epoch will have ended, from the chain's latest blocks.
 *
 * @throws What `callChain` throws.
 */
export async function estimateClaim(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl">,
  epoch: EpochInfo,
): Promise<ClaimEstimate> {
  const { publicClient } = client;
  return await callChain(client, "read the newest blocks", async () => {
    const newest = await publicClient.getBlock();
    const currentBlock = Number(newest.number);
    const span = Math.min(BLOCKS_AVERAGED, currentBlock);
    const oldest = await publicClient.getBlock({ blockNumber: newest.number - BigInt(span) });
    const elapsedSec = Number(newest.timestamp - oldest.timestamp);
    const blockIntervalSec = span === 0 ? 0 : elapsedSec / span;
    const blocksLeft = Math.max(0, epoch.lastBlock + 1 - currentBlock);
    const notBeforeSec = Math.ceil(blocksLeft * blockIntervalSec);
    return { epoch, currentBlock, blocksLeft, blockIntervalSec, notBeforeSec };
  });
}

/** How far a claim is that is not accepted yet. */
const STATUS_WORDS: Readonly<Partial<Record<EpochInfo["status"], string>>> = {
  OPEN: ": the node has not seen that yet",
  CLOSED: ": its last inputs are being processed",
  INPUTS_PROCESSED: ": the node computes the claim",
  CLAIM_COMPUTED: ": the claim is computed and not on chain yet",
  CLAIM_SUBMITTED: ": the claim is on chain and not accepted yet",
};

function describe(estimate: ClaimEstimate | undefined): string {
  if (estimate === undefined) return "";
  const { blocksLeft, epoch, notBeforeSec } = estimate;
  return blocksLeft === 0
    ? `, which ended at block ${epoch.lastBlock}${STATUS_WORDS[epoch.status] ?? ""}`
    : `, which ends in ${countOf(blocksLeft, "block")}, about ${notBeforeSec} s`;
}

export interface ClaimWaitOptions {
  /** False: throws ClaimNotAccepted where the claim is not accepted yet. True by default. */
  readonly waitForClaim?: boolean;
  /** Told at every look that finds the claim not accepted yet. */
  readonly onWait?: (estimate: ClaimEstimate) => void;
  /** An hour by default. */
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

const TIMEOUT_MS = 3_600_000;

/**
 * Waits until the claim of an output's epoch is accepted on chain.
 *
 * @returns The output with its siblings.
 * @throws ClaimNotAccepted where it is not to wait, ClaimRejected, WaitTimeout, and what `getOutput`
 * throws: also where chain or node go away meanwhile, and stay away for a minute.
 * @example
 * const { siblings } = await waitForClaim(client, {
 *   outputIndex: 3, onWait: ({ notBeforeSec }) => console.log(`in ${notBeforeSec} s`),
 * });
 */
export async function waitForClaim(
  client: TallyrollClient,
  { outputIndex, ...options }: ClaimWaitOptions & { readonly outputIndex: number },
): Promise<OutputInfo> {
  const { timeoutMs = TIMEOUT_MS, pollMs = client.pollMs, onWait } = options;
  let hasAnswered = false;
  const look = async (): Promise<OutputInfo | undefined> => {
    const output = await getOutput(client, { outputIndex });
    const epoch = await getEpoch(client, { epochIndex: output.epochIndex });
    hasAnswered = true;
    if (epoch.status === "CLAIM_REJECTED") throw new ClaimRejected(epoch.epochIndex);
    if (epoch.status === "CLAIM_ACCEPTED") {
      // Siblings may have come only after the first look at the output.
      return output.siblings === undefined ? await getOutput(client, { outputIndex }) : output;
    }
    const estimate = await estimateClaim(client, epoch);
    if (options.waitForClaim === false) throw new ClaimNotAccepted(output, estimate);
    onWait?.(estimate);
    return undefined;
  };
  return await poll(look, {
    ...{ pollMs, timeoutMs },
    awaited: () => `The claim that covers output ${outputIndex}`,
    isTransient: (error) => hasAnswered && isOutOfReach(error),
  });
}

/** The application's contract, which says of outputs what is so before and after they are executed. */
const applicationOf = ({ app, publicClient }: Pick<TallyrollClient, "app" | "publicClient">) =>
  getContract({ address: app, abi: APPLICATION_ABI, client: publicClient });

/** What contracts take beside an output's bytes (`OutputValidityProof` of rollups-contracts). */
export interface OutputValidityProof {
  readonly outputIndex: bigint;
  /** 63 hashes, bottom up. */
  readonly outputHashesSiblings: readonly Hex[];
}

/**
 * Has the application's contract check that an output is part of an accepted claim. A chain that
 * says so is a proof: nothing of the node is believed.
 *
 * @returns The output that was checked.
 * @throws ClaimNotAccepted before the claim is computed, ContractReverted (InvalidOutputsMerkleRoot)
 * before it is accepted or when the node's proof is wrong, and what `getOutput` throws.
 * @example
 * const output = await validateOutput(client, { outputIndex: 3 });
 */
export async function validateOutput(
  client: TallyrollClient,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const output = await getOutput(client, { outputIndex });
  const proof = toValidityProof(output);
  if (proof === undefined) throw new ClaimNotAccepted(output, undefined);
  await callChain(client, `validate output ${outputIndex}`, () =>
    applicationOf(client).read.validateOutput([output.raw, proof]),
  );
  return output;
}

/** The proof of an output; `undefined` until its epoch's claim is computed. */
export function toValidityProof({
  outputIndex,
  siblings,
}: OutputInfo): OutputValidityProof | undefined {
  if (siblings === undefined) return undefined;
  return { outputIndex: BigInt(outputIndex), outputHashesSiblings: siblings };
}

/**
 * Whether an output was executed, by the application contract's word: the node follows a little
 * behind the chain.
 *
 * @throws What `callChain` throws.
 * @example
 * const isPaid = await wasOutputExecuted(client, { outputIndex: 12 });
 */
export async function wasOutputExecuted(
  client: Pick<TallyrollClient, "publicClient" | "app" | "rpcUrl">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<boolean> {
  return await callChain(client, `ask whether output ${outputIndex} was executed`, () =>
    applicationOf(client).read.wasOutputExecuted([BigInt(outputIndex)]),
  );
}

/** What an execution will take at most at the present price of gas. */
export interface ExecutionCost {
  readonly gas: bigint;
  readonly maxFeePerGasWei: bigint;
  /** `gas` at that price: what the account should hold. */
  readonly costWei: bigint;
}

const SIBLING_COUNT = 63;
/** Calldata is paid by the byte, zeros cheaper: a stand-in for a hash has none. */
const SIBLING_STAND_IN: Hex = `0x${"ff".repeat(32)}`;
/** Code that answers `true` to every call: PUSH1 1, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN. */
const YES_TO_ALL: Hex = "0x600160005260206000f3";
/** What the real consensus reads beyond the stand-in: an account and a slot, both cold. */
const CONSENSUS_GAS = 10_000n;

export interface EstimateOptions {
  /** True: ask the real consensus, which needs no simulation. False by default. */
  readonly isClaimAccepted?: boolean;
}

/**
 * The gas that executing a voucher will take, before its claim is accepted: the chain simulates it
 * with a consensus that accepts everything in place of the real one. So a voucher that cannot be
 * paid is found now, and not only when its claim is there.
 *
 * @throws ContractReverted with the contract's error, such as InsufficientFunds, and what
 * `callChain` throws; ChainRefused where the RPC cannot simulate with overrides.
 * @example
 * const { gas, costWei } = await estimateExecution(client, await getOutput(client, { outputIndex }));
 */
export async function estimateExecution(
  client: TallyrollClient,
  output: OutputInfo,
  { isClaimAccepted = false }: EstimateOptions = {},
): Promise<ExecutionCost> {
  const { publicClient } = client;
  const { account } = requireWallet(client);
  const application = applicationOf(client);
  const proof = toValidityProof(output) ?? {
    outputIndex: BigInt(output.outputIndex),
    outputHashesSiblings: Array.from({ length: SIBLING_COUNT }, () => SIBLING_STAND_IN),
  };
  return await callChain(client, `estimate the gas of output ${output.outputIndex}`, async () => {
    const consensus = await application.read.getOutputsMerkleRootValidator();
    const simulated = await application.estimateGas.executeOutput([output.raw, proof], {
      account: account.address,
      // Preparing would have the real consensus asked, without the override.
      prepare: false,
      stateOverride: isClaimAccepted ? [] : [{ address: consensus, code: YES_TO_ALL }],
    });
    const gas = isClaimAccepted ? simulated : simulated + CONSENSUS_GAS;
    const { maxFeePerGas } = await publicClient.estimateFeesPerGas();
    return { gas, maxFeePerGasWei: maxFeePerGas, costWei: gas * maxFeePerGas };
  });
}
