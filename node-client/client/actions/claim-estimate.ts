import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import type { EpochInfo } from "./get-epoch.ts";
import type { OutputInfo } from "./output-info.ts";
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
