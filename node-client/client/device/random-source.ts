/** Gives `length` bytes that nobody can guess, or that a seed determines. */
export type RandomSource = (length: number) => Uint8Array;

/** The system's randomness: what every key, salt and ephemeral secret comes from. At most 64 KiB. */
export const systemRandom: RandomSource = (length) =>
  crypto.getRandomValues(new Uint8Array(length));
