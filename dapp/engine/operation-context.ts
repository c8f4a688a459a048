import type { Crypto } from "../../spec/crypto.ts";
import type { InputContext } from "../../spec/input.ts";
import type { BodyOf, OperationKind } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import type { Entity } from "../../spec/references.ts";
import type { Refused } from "../../spec/refusals.ts";
import type { MachineKeys, OpenedSubmission, SubmissionRequest } from "../../spec/submission.ts";
import type { Store } from "./store.ts";

/** What the engine is made of: the state, the cryptography, the machine's key. */
export interface EngineParts {
  readonly store: Store;
  readonly crypto: Crypto;
  readonly machine: MachineKeys;
  /** `STATE_BYTES_MAX`; less in tests and measurements, which fill a state. */
  readonly stateBytesMax: number;
  /**
   * `openSubmission` of the protocol. A host may answer from work done ahead on another thread,
   * as long as the answer is for exactly this request.
   */
  readonly openSubmission: (
    request: SubmissionRequest,
    at: InputContext,
    operationIndex: number,
  ) => OpenedSubmission | Refused;
}

/** What an operation of the input has made, and who made it. */
interface Made {
  readonly entity: Entity;
  readonly id: number | Uint8Array;
  readonly actor: Uint8Array;
}

/** By the operations' places in their input; empty where an operation made nothing. */
export type MadeThings = (Made | undefined)[];

/** One operation on its way: who acts, where, within what is left of the input's bounds. */
export interface OperationContext extends EngineParts {
  readonly at: InputContext;
  readonly operationIndex: number;
  /** Who authorized the operation; for a device's submission whoever sent the input. */
  readonly actor: Uint8Array;
  /** The device's signature, where it authorized the operation. */
  readonly deviceSignature: Uint8Array | undefined;
  readonly budget: Budget;
  /** What the operations of the input have made so far (spec §1.7). */
  readonly made: MadeThings;
}

/** What one input may still ask for (spec §2.4); counts down over its operations. */
export interface Budget {
  readings: number;
  signatures: number;
  /** Bytes of weight that the payload still pays for (spec §14.2). */
  growth: number;
  /** What its pokes may still archive and fold (spec §3.8). */
  readonly tidying: Tidying;
  /** Whether the head of the input archived or folded anything. */
  readonly hasHeadTidied: boolean;
}

/** Counts down over what is archived and folded; fewer bytes than none end it, too. */
export interface Tidying {
  stepsLeft: number;
  bodyBytesLeft: number;
}

/** Outputs in order, or the refusal; nothing is written when it is refused. */
export type Outcome = readonly Output[] | Refused;

/** What applies the operations of each kind. */
export type Handlers = {
  readonly [Kind in OperationKind]: (body: BodyOf<Kind>, context: OperationContext) => Outcome;
};

export { hex } from "../../spec/outputs.ts";
