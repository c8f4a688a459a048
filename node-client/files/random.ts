/** Deterministic pseudo-random integers for generated samples. Not for keys, salts or nonces. */
export interface Random {
  /** An integer of 0 up to, but without, `count` (at most 2^32). */
  below(count: number): number;
  /** An integer of `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** An integer of -`spread` to `spread`, the small ones likelier. */
  noise(spread: number): number;
}

/**
 * A generator from a 32-bit seed: mulberry32 (Tommy Ettinger, public domain), which needs nothing
 * but 32-bit integers and so draws the same numbers everywhere. The remainder's bias is no matter
 * for samples.
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (count: number): number => next() % count;
  const between = (low: number, high: number): number => low + below(high - low + 1);
  return {
    below,
    between,
    // The sum of two dice is likeliest in the middle.
    noise: (spread) => below(spread + 1) - below(spread + 1),
  };
}
