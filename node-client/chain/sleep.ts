/** Resolves after `delayMs`, in a browser too: `node:timers/promises` is Node's alone. */
export const sleep = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));
