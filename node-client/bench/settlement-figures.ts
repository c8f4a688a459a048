import type { Crypto } from "../../spec/crypto.ts";
import type { Series } from "./figure-series.ts";
import { measureSettlementGrowth, measureSettlementRates } from "./measure-settlement.ts";

interface SettlementFiguresOptions {
  readonly crypto: Crypto;
  readonly quick: boolean;
  readonly series: Series;
  readonly progress: (text: string) => void;
}

const STORED_SMALL = 1_000;

/**
 * The figures of channels and escrows, the engine in process: claims and transitions a second, the
 * bytes of a claim, and how much dearer they become in a state with 100,000 channels and 100,000
 * escrows instead of 1,000 of each. `growth_settlement` is the worse of the two kinds, run by run:
 * a mean over both would hide the escrows behind the signatures of the claims.
 *
 * @returns The figures that have no spread.
 */
export async function measureSettlement(
  options: SettlementFiguresOptions,
): Promise<Record<string, unknown>> {
  const { crypto, quick, series, progress } = options;
  const runs = quick ? 3 : 5;
  const stored = quick ? 10_000 : 100_000;
  progress("claims of channels, transitions of escrows");
  const rates = await measureSettlementRates(crypto, {
    storedCount: STORED_SMALL,
    runs,
    claimRoundsPerRun: quick ? 40 : 100,
    escrowRoundsPerRun: quick ? 40 : 200,
  });
  for (const rate of rates.claimsPerSec) series.add("channel_claims_per_s", rate);
  for (const rate of rates.transitionsPerSec) series.add("escrow_transitions_per_s", rate);
  progress(`the same with ${stored} channels and ${stored} escrows stored`);
  const growths = await measureSettlementGrowth(crypto, {
    largeCount: stored,
    smallCount: STORED_SMALL,
    runs,
    roundsPerRun: 100,
  });
  for (const { channels, escrows } of growths) {
    series.add("growth_settlement_channels", channels);
    series.add("growth_settlement_escrows", escrows);
    series.add("growth_settlement", Math.max(channels, escrows));
  }
  return { bytes_per_claim: Number(rates.bytesPerClaim.toPrecision(4)) };
}
