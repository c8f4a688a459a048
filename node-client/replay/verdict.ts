import type { ChainDivergence, JudgedClaim } from "./judge-chain.ts";
import type { ReplayResult } from "./replay-history.ts";

/** 0: nothing contradicts. 1: something is wrong, whatever the machine's key. 2: could not tell. */
export type Verdict = 0 | 1 | 2;
/** The same in words, by their numbers. */
export const VERDICTS = ["verified", "wrong", "unclear"] as const;

/**
 * The verdict over a file. Under another machine key every root is another, so that a difference says
 * nothing until something proves the key: a claim of the genesis root, or any other that only this
 * key can meet. A genesis root that differs is a wrong key, and says nothing of what follows.
 * A history that ends before a claim says nothing of it.
 */
export function judgeHistory({
  divergence,
  claims,
  isKeyProved,
}: Pick<ReplayResult, "divergence" | "isKeyProved"> & {
  readonly claims: readonly unknown[];
}): Verdict {
  // Claims that any key meets verify nothing.
  if (divergence === undefined) return isKeyProved || claims.length === 0 ? 0 : 2;
  const { subject } = divergence;
  return isKeyProved && subject !== "genesisRoot" && subject !== "missingInput" ? 1 : 2;
}

/** The verdict over a chain, and the divergence that it rests on or that is shown all the same. */
export interface ChainVerdict {
  readonly verdict: Verdict;
  readonly divergence: ChainDivergence | undefined;
  /** The machine's key is the application's. */
  readonly isKeyProved: boolean;
}

/**
 * The verdict over a chain, by the divergence that it says first. Under another machine key, and in
 * another build of the program, every accepted input has other outputs: until something proves both,
 * a difference may be their fault. What proves them is the template hash, or an accepted claim over
 * an accepted input that comes out here: its claimant had the same.
 *
 * @param isTemplateOurs The application's template hash is that of this program under this key.
 */
export function judgeChain(
  divergences: readonly ChainDivergence[],
  claims: readonly Pick<JudgedClaim, "lastInputIndex" | "acceptedCount" | "holds">[],
  isTemplateOurs: boolean,
): ChainVerdict {
  const isKeyProved =
    isTemplateOurs || claims.some(({ holds, acceptedCount }) => holds && acceptedCount > 0);
  const ordered = [...divergences].sort((a, b) => a.blockNumber - b.blockNumber);
  const [first] = ordered;
  if (first === undefined) {
    // Another key might have accepted what was refused here; without inputs there is nothing to it.
    const needsKey = claims.some(({ lastInputIndex }) => lastInputIndex !== undefined);
    return { verdict: isKeyProved || !needsKey ? 0 : 2, divergence: undefined, isKeyProved };
  }
  const certain = ordered.find((divergence) => isKeyProved || isWhateverKey(divergence));
  return { verdict: certain === undefined ? 2 : 1, divergence: certain ?? first, isKeyProved };
}

/** What was sent is proved by hashes alone, and before the first input no key has had a part. */
const isWhateverKey = ({ subject, inputIndex }: ChainDivergence): boolean =>
  subject === "inputHash" || inputIndex === undefined;
