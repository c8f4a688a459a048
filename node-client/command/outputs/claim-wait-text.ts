import type { ClaimEstimate } from "../../client/actions/claim-estimate.ts";
import { countOf } from "../../count-of.ts";

/** How long a claim takes yet, in words: of an epoch that is over, nobody can tell. */
export function describeWait({ epoch, blocksLeft, notBeforeSec }: ClaimEstimate): string {
  const { epochIndex, lastBlock } = epoch;
  return blocksLeft === 0
    ? `epoch ${epochIndex} ended at block ${lastBlock}, its claim is on its way`
    : `epoch ${epochIndex} ends in ${countOf(blocksLeft, "block")}, in about ${notBeforeSec} s`;
}
