import { isOutOfMemory } from "../../dapp/store/out-of-memory.ts";
import type { Application } from "../../spec/application.ts";
import type { AdvanceResult } from "../../spec/outputs.ts";
import { equalBytes } from "../../spec/words.ts";
import { ClientError } from "../errors.ts";

/** An input that stopped the application: a bug of it, and a verdict of the rollup. */
export interface ReplayException {
  readonly inputIndex: number;
  /** What was thrown. */
  readonly message: string;
}

/** What putting a state back needs of a store. */
export interface RestorableState {
  getRoot(): Uint8Array;
  rollback(): void;
  snapshot(): Uint8Array;
  restore(snapshot: Uint8Array): void;
}

/** An input stopped the application in a way that leaves no verdict. */
export class ReplayUnsteady extends ClientError {
  override readonly name = "ReplayUnsteady";

  constructor(inputIndex: number) {
    super(`Input ${inputIndex} stopped the application once, and then not.`, {
      whatToDo: "Replay again on a computer with enough free memory: nothing was verified.",
    });
  }
}

/** This computer has too little memory for the state: that says nothing of the input. */
export class ReplayOutOfMemory extends ClientError {
  override readonly name = "ReplayOutOfMemory";
  /** The input that was being applied. */
  readonly inputIndex: number;

  constructor(inputIndex: number, cause: unknown) {
    super(`There is too little memory on this computer to go on at input ${inputIndex}.`, {
      whatToDo: "Free memory, or replay on a computer with more: nothing was verified.",
      cause,
    });
    this.inputIndex = inputIndex;
  }
}

/** An input stopped the application, and the state before it is gone: begin anew without it. */
export class StateLost extends ClientError {
  override readonly name = "StateLost";
  readonly exception: ReplayException;

  constructor(exception: ReplayException, cause: unknown) {
    const { inputIndex, message } = exception;
    super(
      `Input ${inputIndex} stopped the application (${message}), with the state before it lost.`,
      {
        whatToDo:
          "Replay from the chain or from a file, which can be read again; report the input.",
        cause,
      },
    );
    this.exception = exception;
  }
}

const NO_RESULT: AdvanceResult = { status: "rejected", outputs: [], reports: [] };

/**
 * An application that goes on after an exception as the rollup does: the input counts, has no
 * outputs, and the state is the one before it. Nothing is hidden: every exception is listed.
 *
 * The state is put back by a rollback and read anew from its rows; its root, which commits to all
 * of them, has to be the one before the input. That is as sure as re-executing every input before
 * it, and it costs by the state, not by the history: whoever finds a bug cannot make replays
 * endless by sending it often.
 *
 * @param known Exceptions of earlier attempts: their inputs are left out.
 * @throws StateLost from `advance` when the state cannot be put back.
 * @throws ReplayUnsteady from `advance` when the input does not stop the application a second time:
 * that is this computer's fault, not the input's.
 * @throws ReplayOutOfMemory from `advance`; the state may be anything then.
 */
export function countExceptions(
  application: Application,
  state: RestorableState,
  known: readonly ReplayException[] = [],
): { readonly application: Application; readonly exceptions: readonly ReplayException[] } {
  const exceptions: ReplayException[] = [];
  const advance: Application["advance"] = (at, payload) => {
    const { inputIndex } = at;
    const before = known.find((exception) => exception.inputIndex === inputIndex);
    if (before !== undefined) {
      exceptions.push(before);
      return NO_RESULT;
    }
    const root = state.getRoot();
    try {
      return application.advance(at, payload);
    } catch (cause) {
      if (isOutOfMemory(cause)) throw new ReplayOutOfMemory(inputIndex, cause);
      putBack(state, root, { inputIndex, message: describe(cause) });
    }
    try {
      application.advance(at, payload);
    } catch (cause) {
      if (isOutOfMemory(cause)) throw new ReplayOutOfMemory(inputIndex, cause);
      const exception = { inputIndex, message: describe(cause) };
      putBack(state, root, exception);
      exceptions.push(exception);
      return NO_RESULT;
    }
    throw new ReplayUnsteady(inputIndex);
  };
  return { application: { advance, inspect: application.inspect }, exceptions };
}

/**
 * Replays, and begins anew without an input that took the state with it.
 *
 * @param replay Opens an application over an empty state of its own each time.
 */
export async function replayWithout<Result>(
  replay: (known: readonly ReplayException[]) => Promise<Result>,
): Promise<Result> {
  const known: ReplayException[] = [];
  for (;;) {
    try {
      return await replay(known);
    } catch (error) {
      if (!(error instanceof StateLost)) throw error;
      known.push(error.exception);
    }
  }
}

function putBack(state: RestorableState, root: Uint8Array, exception: ReplayException): void {
  try {
    state.rollback();
  } catch {
    // No transaction was open. Whether the rows are the right ones, their root says below.
  }
  try {
    // What lives beside the rows, such as caches, may be anything by now: read it from them.
    state.restore(state.snapshot());
  } catch (cause) {
    if (isOutOfMemory(cause)) throw new ReplayOutOfMemory(exception.inputIndex, cause);
    throw new StateLost(exception, cause);
  }
  if (!equalBytes(state.getRoot(), root)) throw new StateLost(exception, undefined);
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
