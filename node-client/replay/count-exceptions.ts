import type { Application } from "../../dapp/application.ts";
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
export class ReplayStopped extends ClientError {
  override readonly name = "ReplayStopped";
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
 * @throws ReplayStopped from `advance` when the state cannot be put back, or the input does not
 * stop the application a second time, which is then this computer's fault and not the input's.
 */
export function countExceptions(
  application: Application,
  state: RestorableState,
): { readonly application: Application; readonly exceptions: readonly ReplayException[] } {
  const exceptions: ReplayException[] = [];
  const advance: Application["advance"] = (at, payload) => {
    const rootBefore = state.getRoot();
    try {
      return application.advance(at, payload);
    } catch (cause) {
      putBack(state, rootBefore, at.inputIndex, cause);
    }
    try {
      application.advance(at, payload);
    } catch (cause) {
      putBack(state, rootBefore, at.inputIndex, cause);
      exceptions.push({ inputIndex: at.inputIndex, message: describe(cause) });
      return NO_RESULT;
    }
    throw new ReplayStopped(`Input ${at.inputIndex} stopped the application once, and then not.`, {
      whatToDo: "Replay again on a computer with enough free memory: nothing was verified.",
    });
  };
  return { application: { advance, inspect: application.inspect }, exceptions };
}

function putBack(
  state: RestorableState,
  rootBefore: Uint8Array,
  inputIndex: number,
  exception: unknown,
): void {
  try {
    state.rollback();
  } catch {
    // No transaction was open. Whether the rows are the right ones, their root says below.
  }
  try {
    // What lives beside the rows, such as caches, may be anything by now: read it from them.
    state.restore(state.snapshot());
  } catch (cause) {
    throw lost(inputIndex, exception, cause);
  }
  if (!equalBytes(state.getRoot(), rootBefore)) throw lost(inputIndex, exception, exception);
}

function lost(inputIndex: number, exception: unknown, cause: unknown): ReplayStopped {
  const said = describe(exception);
  return new ReplayStopped(`Input ${inputIndex} stopped the application (${said}) and its state.`, {
    whatToDo: "Replay again on a computer with enough free memory, and report the input.",
    cause,
  });
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
