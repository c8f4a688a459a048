import { expect, test } from "vitest";
import type { ClaimEstimate } from "../node-client/client/actions/output-on-chain.ts";
import { describeWait } from "../node-client/command/outputs/describe-output.ts";

/** How long a claim takes yet: of an epoch that is over there is nothing to count. */

const estimate = (blocksLeft: number): ClaimEstimate =>
  ({
    epoch: { epochIndex: 52, lastBlock: 529 },
    blocksLeft,
    notBeforeSec: 2 * blocksLeft,
  }) as never;

test.each([
  [3, "epoch 52 ends in 3 blocks, in about 6 s"],
  [1, "epoch 52 ends in 1 block, in about 2 s"],
  [0, "epoch 52 ended at block 529, its claim is on its way"],
])("%i blocks before its end: %s", (blocksLeft, said) => {
  expect(describeWait(estimate(blocksLeft))).toBe(said);
});
