import { ClientError } from "../errors.ts";

/** A step of the demo did not hold: a bug of ours, since nothing in it comes from outside. */
export class DemoError extends ClientError {
  override readonly name = "DemoError";

  constructor(expectation: string) {
    super(`The demo expected that ${expectation}, and it is not so.`, {
      whatToDo: "Report it: every part of the demo is made on the spot.",
    });
  }
}

/** Somebody ended the demo before it was through. */
export class DemoInterrupted extends ClientError {
  override readonly name = "DemoInterrupted";

  constructor() {
    super("The demo was interrupted: its chain and node are stopped, its folder is removed.", {
      whatToDo: "Run it again; it keeps nothing from one run to the next.",
    });
  }
}

/** Chain or node ended while the demo needed them. */
export class DemoRollupEnded extends ClientError {
  override readonly name = "DemoRollupEnded";

  constructor(cause: Error) {
    const reason = cause instanceof ClientError ? cause.shortMessage : cause.message;
    super(`The demo could not go on: ${reason}`, {
      whatToDo: "Run it again; it keeps nothing from one run to the next.",
      cause,
    });
  }
}

/**
 * Fails the demo unless what it shows is so.
 *
 * @throws DemoError
 */
export function check(isSo: boolean, expectation: string): asserts isSo {
  if (!isSo) throw new DemoError(expectation);
}

/**
 * Fails the demo unless an attempt is refused, and in the expected way.
 *
 * @returns The refusal.
 * @throws DemoError where the attempt succeeds, and any other error that it ends with.
 * @example
 * const { errorName } = await refused(ContractReverted, "a stranger is refused", () => execute());
 */
export async function refused<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  expectation: string,
  attempt: () => Promise<unknown>,
): Promise<E> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new DemoError(expectation);
}
