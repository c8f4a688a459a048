import type { ChainDivergence, JudgedClaim } from "./judge-chain.ts";
import type { Divergence } from "./replay-history.ts";

/** 0: nothing contradicts. 1: something is wrong, whatever the machine's key. 2: could not tell. */
export type Verdict = 0 | 1 | 2;
/** The same in words, by their numbers. */
export const VERDICTS = ["verified", "wrong", "unclear"] as const;

/** What a replay knows of the machine's key that it was given. */
export interface KeyEvidence {
  /**
   * The first input with something sealed that some key may open and this one did not, while it
   * has opened nothing else: either a stranger wrote what nobody can open, or the key is wrong.
   */
  readonly closedInput: number | undefined;
  /** There was no key: one that opens nothing stands in its place. */
  readonly isKeyless?: boolean;
}

/**
 * The verdict over a file. With a wrong key every sealed thing is refused, so that all wrong keys
 * agree on one root: nothing from the first of them on proves anything, for a claim or against it.
 * And a history that ends before a claim says nothing of it.
 */
export function judgeHistory(
  divergence: Divergence | undefined,
  { closedInput }: Pick<KeyEvidence, "closedInput">,
): Verdict {
  const isBeforeDoubt =
    divergence !== undefined && (closedInput === undefined || divergence.inputIndex < closedInput);
  if (isBeforeDoubt) return divergence.subject === "missingInput" ? 2 : 1;
  return closedInput === undefined ? 0 : 2;
}

/** The verdict over a chain, and the divergence that it rests on or that is shown all the same. */
export interface ChainVerdict {
  readonly verdict: Verdict;
  readonly divergence: ChainDivergence | undefined;
}

/**
 * The verdict over a chain, by the divergence that it says first. From an input on that did not
 * open, a difference may be the key's fault, and proves nothing; but what was sent is proved by hashes
 * alone. Where nothing differs, an accepted claim that covers the input and holds has proved the
 * key: its claimant had one, and came to the same.
 */
export function judgeChain(
  divergences: readonly ChainDivergence[],
  claims: readonly Pick<JudgedClaim, "lastInputIndex" | "holds">[],
  { closedInput, isKeyless = false }: KeyEvidence,
): ChainVerdict {
  const [first, ...others] = [...divergences].sort((a, b) => a.blockNumber - b.blockNumber);
  if (closedInput === undefined) return { verdict: first === undefined ? 0 : 1, divergence: first };
  if (first === undefined) {
    const isProved = claims.some(
      ({ lastInputIndex = -1, holds }) => holds && lastInputIndex >= closedInput,
    );
    return { verdict: isProved && !isKeyless ? 0 : 2, divergence: undefined };
  }
  const certain = [first, ...others].find(
    ({ subject, inputIndex = -1 }) => subject === "inputHash" || inputIndex < closedInput,
  );
  return { verdict: certain === undefined ? 2 : 1, divergence: certain ?? first };
}
