import type { Crypto } from "../../spec/crypto.ts";
import { type BenchContext, round } from "./figure-series.ts";
import { ACTS_PER_INPUT, ChannelHistory, EscrowHistory, InputClock } from "./settlement-history.ts";
import { measureRatio, openTimed } from "./timed-application.ts";

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
  return { bytes_per_claim: round(bytesPerClaim) };
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
    const claimCount = claimRounds * ACTS_PER_INPUT;
    let payloadBytes = 0;
    for (let run = 0; run < runs; run++) {
      const claims = bench.channels.nextInputs(claimRounds);
      for (const { payload } of claims) payloadBytes += payload.length;
      series.add("channel_claims_per_s", (claimCount * 1_000) / bench.apply(claims));
      const transitions = bench.escrows.nextInputs(quick ? 40 : 200);
      const transitionCount = transitions.length * ACTS_PER_INPUT;
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
  const states = { large, small };
  const measureKind = (kind: "channels" | "escrows"): number =>
    measureRatio(large, small, GROWTH_ROUNDS, (state) => states[state][kind].nextInputs(1));
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

/** Rounds of each kind before any is timed. */
const WARM_UP_ROUNDS = 100;

/** A warm application with so many channels and as many escrows. */
async function openSettlement(crypto: Crypto, storedCount: number) {
  const timed = await openTimed(crypto);
  const clock = new InputClock();
  const channelHistory = new ChannelHistory(crypto, storedCount, clock);
  const escrowHistory = new EscrowHistory(crypto, storedCount, clock);
  // The inputs of the next rounds, made and signed before anything is timed.
  const toKind = (history: ChannelHistory | EscrowHistory) => ({
    nextInputs: (roundCount: number) =>
      Array.from({ length: roundCount }, () => history.nextRound()).flat(),
  });
  // A round is a multi-claim of 50; or an input of 50 deliveries and one of the 50 acceptances.
  const kinds = { channels: toKind(channelHistory), escrows: toKind(escrowHistory) };
  for (const history of [channelHistory, escrowHistory]) timed.apply(history.openAll());
  for (const kind of Object.values(kinds)) timed.apply(kind.nextInputs(WARM_UP_ROUNDS));
  return { ...timed, ...kinds };
}
