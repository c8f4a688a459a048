import type { InputContext } from "../../../spec/input.ts";
import type { AdvanceResult, Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";

/** The answer to a query. `exception` means that the dApp gave up over it. */
export interface InspectResult {
  readonly status: "accepted" | "rejected" | "exception";
  readonly reports: readonly Hex[];
}

/**
 * Something that runs a dApp, such as a process that speaks the rollup HTTP API. Calls may overlap;
 * they are served one after the other, in the order in which they were made.
 */
export interface Machine {
  /**
   * Applies one input.
   *
   * @throws MachineException when the dApp reports an exception over it.
   * @throws MachineLost when the dApp cannot answer any more.
   */
  advance(at: InputContext, payload: Uint8Array): Promise<AdvanceResult>;
  /**
   * Asks without changing the state.
   *
   * @throws MachineLost when the dApp cannot answer any more.
   */
  inspect(query: Uint8Array): Promise<InspectResult>;
  /** Ends the dApp; whatever still waits rejects with `MachineLost`. */
  close(): Promise<void>;
}

/** A machine's state taken out, with the root that a scan of it has to give. */
export interface MachineSnapshot {
  /** A SQLite file. */
  readonly state: Uint8Array;
  readonly root: Hex;
}

/**
 * A machine whose state can be taken out and put back. A process behind HTTP cannot: it rolls back
 * by itself after a refused input, and after a crash it starts anew and replays.
 */
export interface RestorableMachine extends Machine {
  snapshot(): Promise<MachineSnapshot>;
  /**
   * Replaces the state.
   *
   * @throws MachineLost when the snapshot is damaged, or its rows do not give its root.
   */
  restore(snapshot: MachineSnapshot): Promise<void>;
}

/**
 * Whether a machine's state can be taken out and put back.
 *
 * @example
 * const saved = isRestorable(machine) ? await machine.snapshot() : undefined;
 */
export function isRestorable(machine: Machine): machine is RestorableMachine {
  return "snapshot" in machine && "restore" in machine;
}

/**
 * The dApp reported an exception: it met a bug of its own and stopped. The input that caused it
 * counts as not accepted; the machine takes no further ones.
 */
export class MachineException extends ClientError {
  override readonly name = "MachineException";
  /** What the dApp said, as it said it: usually UTF-8 text in hexadecimal. */
  readonly payload: Hex;
  /** What it had reported over this input before. */
  readonly reports: readonly Hex[];

  constructor(payload: Hex, reports: readonly Hex[]) {
    const text = Buffer.from(payload.slice(2), "hex").toString("utf8").slice(0, 1_000);
    super(`The dApp stopped with an exception: ${text}`, {
      whatToDo: "This is a bug of the dApp: keep the input and report it. Replaying reproduces it.",
    });
    this.payload = payload;
    this.reports = reports;
  }
}

/** The dApp is gone or silent: it exited, was killed, missed a deadline or was closed. */
export class MachineLost extends ClientError {
  override readonly name: string = "MachineLost";
}

/**
 * The machine found no memory on this computer. That is never a verdict on an input: the machine of
 * the rollup has RAM of its own.
 */
export class MachineOutOfMemory extends MachineLost {
  override readonly name = "MachineOutOfMemory";

  constructor(cause: unknown) {
    super("The machine found no memory for its state.", {
      whatToDo:
        "Free memory on this computer, or use one that has more, and start again: nothing is lost, " +
        "and no input got a verdict from it.",
      cause,
    });
  }
}
