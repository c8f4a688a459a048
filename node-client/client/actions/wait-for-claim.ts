import { poll } from "../../chain/poll.ts";
import {
  type ClaimEstimate,
  ClaimNotAccepted,
  ClaimRejected,
  estimateClaim,
} from "./claim-estimate.ts";
import { getEpoch } from "./get-epoch.ts";
import { getOutput } from "./get-output.ts";
import { isOutOfReach } from "./node-errors.ts";
import type { OutputInfo } from "./output-info.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
