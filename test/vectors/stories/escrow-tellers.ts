import type { Story } from "./story.ts";

/** The stories about escrows; each becomes one file of vectors. */
export const ESCROW_TELLERS: readonly (() => Promise<Story>)[] = [];
