import { setTimeout as sleep } from "node:timers/promises";
import { ClientError } from "../errors.ts";

/** What was awaited did not come in time. It may still come. */
export class WaitTimeout extends ClientError {
  override readonly name = "WaitTimeout";

  constructor(awaited: string, timeoutMs: number, cause: unknown) {
    super(`${awaited} did not come within ${timeoutMs / 1000} s.`, {
      whatToDo:
        "Wait for it again, and see whether the chain makes blocks and the node follows it.",
      cause,
    });
  }
}

export interface PollOptions {
  readonly pollMs: number;
  readonly timeoutMs: number;
  /** What is awaited, for the error: "The input of 0x12…". */
  readonly awaited: () => string;
  /** Whether a failed look may be repeated. None may, unless told. */
  readonly isTransient?: (error: unknown) => boolean;
}

/**
 * Looks again and again until there is something. Always looks at least once.
 *
 * @throws WaitTimeout, and at once whatever `look` throws and is not transient.
 */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  { pollMs, timeoutMs, awaited, isTransient = () => false }: PollOptions,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    let fault: unknown;
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (!isTransient(error)) throw error;
      fault = error;
    }
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) throw new WaitTimeout(awaited(), timeoutMs, fault);
    await sleep(Math.min(pollMs, leftMs));
  }
}
