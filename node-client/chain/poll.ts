import { ClientError } from "../errors.ts";

/** Resolves after `delayMs`, in a browser too: `node:timers/promises` is Node's alone. */
export const sleep = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));

/** What was awaited did not come in time. It may still come. */
export class WaitTimeout extends ClientError {
  override readonly name = "WaitTimeout";

  constructor(awaited: string, timeoutMs: number, cause: unknown) {
    const why = cause instanceof ClientError ? ` ${cause.shortMessage}` : "";
    super(`${awaited} did not come within ${timeoutMs / 1000} s.${why}`, {
      whatToDo:
        "Wait for it again, and see whether the chain makes blocks and the node follows it.",
      cause,
    });
  }
}

interface PollOptions {
  readonly pollMs: number;
  readonly timeoutMs: number;
  /** What is awaited, for the error: "The input of 0x12…". */
  readonly awaited: () => string;
  /** Whether a failed look may be repeated, for a while. None may by default. */
  readonly isTransient?: (error: unknown) => boolean;
  /** How long looks may fail in a row. A minute by default. */
  readonly patienceMs?: number;
}

/** Longer than a restart takes: who stays away for it has gone, however long one would wait. */
const PATIENCE_MS = 60_000;

/**
 * Looks again and again until there is something. Always looks at least once.
 *
 * @throws WaitTimeout; whatever `look` throws: at once where it is not transient, else when nothing
 * but failures came for as long as the patience lasts.
 */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  { pollMs, timeoutMs, awaited, isTransient = () => false, patienceMs = PATIENCE_MS }: PollOptions,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let failingSinceMs: number | undefined;
  for (;;) {
    let fault: unknown;
    try {
      const found = await look();
      if (found !== undefined) return found;
      failingSinceMs = undefined;
    } catch (error) {
      const failedMs = performance.now();
      failingSinceMs ??= failedMs;
      if (!isTransient(error) || failedMs - failingSinceMs > patienceMs) throw error;
      fault = error;
    }
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) throw new WaitTimeout(awaited(), timeoutMs, fault);
    await sleep(Math.min(pollMs, leftMs));
  }
}
