import type { Story } from "./story.ts";

/** The stories about channels; each becomes one file of vectors. */
export const CHANNEL_TELLERS: readonly (() => Promise<Story>)[] = [];
