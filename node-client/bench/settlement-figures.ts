import type { Crypto } from "../../spec/crypto.ts";
import { measureChannelGrowth, measureChannels } from "./measure-channels.ts";
import { measureEscrowGrowth, measureEscrows } from "./measure-escrows.ts";
import type { Series } from "./series.ts";

export interface SettlementFiguresOptions {
  readonly crypto: Crypto;
  readonly quick: boolean;
  readonly series: Series;
  readonly progress: (text: string) => void;
}

const STORED_SMALL = 1_000;

/**
 * The figures of channels and escrows, the engine in process: claims and transitions a second, the
 * bytes of a claim, and how much dearer they become with 100,000 of each stored instead of 1,000.
 *
 * @returns The figures that have no spread.
 */
export async function measureSettlement(
  options: SettlementFiguresOptions,
): Promise<Record<string, unknown>> {
  const { crypto, quick, series, progress } = options;
  const runs = quick ? 3 : 5;
  const stored = quick ? 10_000 : 100_000;
  progress("claims of channels");
  const channels = await measureChannels(crypto, { runs, inputsPerRun: quick ? 40 : 100 });
  for (const rate of channels.claimsPerSec) series.add("channel_claims_per_s", rate);
  progress("transitions of escrows");
  const transitions = await measureEscrows(crypto, { runs, roundsPerRun: quick ? 40 : 200 });
  for (const rate of transitions) series.add("escrow_transitions_per_s", rate);
  progress(`claims with ${stored} channels stored`);
  const ofChannels = await measureChannelGrowth(crypto, {
    largeChannels: stored,
    smallChannels: STORED_SMALL,
    runs,
    inputsPerRun: 40,
  });
  for (const ratio of ofChannels) series.add("growth_settlement_channels", ratio);
  progress(`transitions with ${stored} escrows stored`);
  const ofEscrows = await measureEscrowGrowth(crypto, {
    largeEscrows: stored,
    smallEscrows: STORED_SMALL,
    runs,
    roundsPerRun: 100,
  });
  for (const ratio of ofEscrows) series.add("growth_settlement_escrows", ratio);
  return { bytes_per_claim: Number(channels.bytesPerClaim.toPrecision(4)) };
}
