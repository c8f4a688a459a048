import { poll } from "../../chain/poll.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { type EpochInfo, getEpoch } from "./node-epochs.ts";
import { isOutOfReach } from "./node-errors.ts";
import { getOutput, type OutputInfo } from "./node-outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
