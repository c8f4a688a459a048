import { CLAIMS_PER_INPUT } from "./channel-history.ts";
import { TRANSITIONS_PER_INPUT } from "./escrow-history.ts";
import type { BenchContext } from "./figure-series.ts";
import { openSettlement } from "./settlement-bench.ts";

/** Channels and escrows stored, so many of each, in the state that a large one is compared with. */
const STORED_SMALL = 1_000;
/** Rounds of each kind that are timed on each state in each run. */
const GROWTH_ROUNDS = 100;

/**
 * The figures of channels and escrows, the engine in process: claims and transitions a second, the
 * bytes of a claim, and how much dearer they become in a state with 100,000 channels and 100,000
 * escrows instead of 1,000 of each.
 *
 * @returns The figures that have no spread.
 */
export async function measureSettlement(context: BenchContext): Promise<Record<string, unknown>> {
  const { quick, progress } = context;
  const stored = quick ? 10_000 : 100_000;
  progress("claims of channels, transitions of escrows");
  const bytesPerClaim = await measureRates(context);
  progress(`the same with ${stored} channels and ${stored} escrows stored`);
  await measureGrowthOfBoth(context, stored);
  return { bytes_per_claim: Number(bytesPerClaim.toPrecision(4)) };
}

/**
 * How fast the machine redeems payments on one core, multi-claims of 50, each payment of another
 * channel and under a signature of its own; and how fast it moves escrows, each another one.
 *
 * @returns Payload bytes of a multi-claim over its claims.
 */
async function measureRates({ crypto, quick, runs, series }: BenchContext): Promise<number> {
  const bench = await openSettlement(crypto, STORED_SMALL);
  try {
    const claimRounds = quick ? 40 : 100;
    const claimCount = claimRounds * CLAIMS_PER_INPUT;
    let payloadBytes = 0;
    for (let run = 0; run < runs; run++) {
      const claims = bench.channels.nextInputs(claimRounds);
      for (const { payload } of claims) payloadBytes += payload.length;
      series.add("channel_claims_per_s", (claimCount * 1_000) / bench.apply(claims));
      const transitions = bench.escrows.nextInputs(quick ? 40 : 200);
      const transitionCount = transitions.length * TRANSITIONS_PER_INPUT;
      series.add("escrow_transitions_per_s", (transitionCount * 1_000) / bench.apply(transitions));
    }
    return payloadBytes / (runs * claimCount);
  } finally {
    bench.store.close();
  }
}

/**
 * The time of claims and transitions on a large state over that on a small one, one pair of ratios a
 * run. `growth_settlement` is the worse of the two kinds, run by run: a mean over both would hide
 * the escrows behind the signatures of the claims.
 */
async function measureGrowthOfBoth(
  { crypto, runs, series }: BenchContext,
  largeCount: number,
): Promise<void> {
  const large = await openSettlement(crypto, largeCount);
  const small = await openSettlement(crypto, STORED_SMALL);
  const measureKind = (kind: "channels" | "escrows"): number => {
    let [largeMs, smallMs] = [0, 0];
    // Round by round: whatever slows the machine for a while slows both.
    for (let round = 0; round < GROWTH_ROUNDS; round++) {
      const [smallInputs, largeInputs] = [small[kind].nextInputs(1), large[kind].nextInputs(1)];
      smallMs += small.apply(smallInputs);
      largeMs += large.apply(largeInputs);
    }
    return largeMs / smallMs;
  };
  try {
    for (let run = 0; run < runs; run++) {
      // One kind after the other: claims between them would make the small state's rows cold too.
      const [channels, escrows] = [measureKind("channels"), measureKind("escrows")];
      series.add("growth_settlement_channels", channels);
      series.add("growth_settlement_escrows", escrows);
      series.add("growth_settlement", Math.max(channels, escrows));
    }
  } finally {
    large.store.close();
    small.store.close();
  }
}
