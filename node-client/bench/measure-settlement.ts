import type { Crypto } from "../../spec/crypto.ts";
import { CLAIMS_PER_INPUT } from "./channel-history.ts";
import { TRANSITIONS_PER_INPUT } from "./escrow-history.ts";
import { openSettlement } from "./settlement-bench.ts";

interface SettlementRates {
  /** Claims a second on one core, one figure a run: multi-claims of 50, the engine in process. */
  readonly claimsPerSec: readonly number[];
  /** Escrow transitions a second: inputs of 50 deliveries and of 50 acceptances in turn. */
  readonly transitionsPerSec: readonly number[];
  /** Payload bytes of a multi-claim over its claims. */
  readonly bytesPerClaim: number;
}

interface SettlementRatesOptions {
  /** Channels and escrows stored: so many of each. */
  readonly storedCount: number;
  readonly runs: number;
  readonly claimRoundsPerRun: number;
  readonly escrowRoundsPerRun: number;
}

/**
 * How fast the machine redeems payments, each of another channel and under a signature of its own,
 * what they cost in calldata, and how fast it moves escrows, each another one.
 */
export async function measureSettlementRates(
  crypto: Crypto,
  options: SettlementRatesOptions,
): Promise<SettlementRates> {
  const { storedCount, runs, claimRoundsPerRun, escrowRoundsPerRun } = options;
  const bench = await openSettlement(crypto, storedCount);
  try {
    const claimsPerSec: number[] = [];
    const transitionsPerSec: number[] = [];
    const claimCount = claimRoundsPerRun * CLAIMS_PER_INPUT;
    let payloadBytes = 0;
    for (let run = 0; run < runs; run++) {
      const claims = bench.channels.nextInputs(claimRoundsPerRun);
      for (const { payload } of claims) payloadBytes += payload.length;
      claimsPerSec.push((claimCount * 1_000) / bench.apply(claims));
      const transitions = bench.escrows.nextInputs(escrowRoundsPerRun);
      const transitionCount = transitions.length * TRANSITIONS_PER_INPUT;
      transitionsPerSec.push((transitionCount * 1_000) / bench.apply(transitions));
    }
    return { claimsPerSec, transitionsPerSec, bytesPerClaim: payloadBytes / (runs * claimCount) };
  } finally {
    bench.close();
  }
}

interface SettlementGrowth {
  readonly channels: number;
  readonly escrows: number;
}

interface SettlementGrowthOptions {
  /** Channels and escrows stored in the state that is large: so many of each. */
  readonly largeCount: number;
  /** The same of the state it is compared with. */
  readonly smallCount: number;
  readonly runs: number;
  /** Rounds of each kind that are timed on each state in each run. */
  readonly roundsPerRun: number;
}

/**
 * How much dearer claims and transitions become with what is stored, channels and escrows in one
 * state: the time on a large state over that on a small one, one pair of ratios a run.
 */
export async function measureSettlementGrowth(
  crypto: Crypto,
  options: SettlementGrowthOptions,
): Promise<SettlementGrowth[]> {
  const large = await openSettlement(crypto, options.largeCount);
  const small = await openSettlement(crypto, options.smallCount);
  try {
    return Array.from({ length: options.runs }, () => {
      const largeMs = { channels: 0, escrows: 0 };
      const smallMs = { channels: 0, escrows: 0 };
      // One kind behind the other: claims between them would make the small state's rows cold too.
      for (const kind of ["channels", "escrows"] as const) {
        // Round by round: whatever slows the machine for a while slows both.
        for (let round = 0; round < options.roundsPerRun; round++) {
          const [smallInputs, largeInputs] = [small[kind].nextInputs(1), large[kind].nextInputs(1)];
          smallMs[kind] += small.apply(smallInputs);
          largeMs[kind] += large.apply(largeInputs);
        }
      }
      return {
        channels: largeMs.channels / smallMs.channels,
        escrows: largeMs.escrows / smallMs.escrows,
      };
    });
  } finally {
    large.close();
    small.close();
  }
}
