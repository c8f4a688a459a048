import type { InputContext } from "../../../spec/input.ts";
import type { AdvanceResult, Hex } from "../../../spec/outputs.ts";
import type { MachineSnapshot } from "./machine.ts";

/**
 * What the worker driver and its thread say to each other: lists as structured clones, because a message
 * costs as much as what is in it. What is asked in one moment goes out together.
 */

export type WorkerRequest =
  | { readonly kind: "advance"; readonly at: InputContext; readonly payload: Uint8Array }
  | { readonly kind: "inspect"; readonly query: Uint8Array }
  | { readonly kind: "snapshot" }
  | { readonly kind: "restore"; readonly snapshot: MachineSnapshot };

/** One for each request, in their order. After any of the last three there are no more. */
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "advanced"; readonly result: AdvanceResult }
  | { readonly kind: "inspected"; readonly reports: readonly Hex[] }
  | { readonly kind: "snapshot"; readonly snapshot: MachineSnapshot }
  | { readonly kind: "restored" }
  /** The application threw over an input or a query: its own bug, in its own words. */
  | { readonly kind: "exception"; readonly text: string }
  /** There was no memory, for whatever was asked: the computer's fault, never the input's. */
  | { readonly kind: "out_of_memory"; readonly text: string }
  /** The state could not be taken out or put back. */
  | { readonly kind: "lost"; readonly text: string };

/** What the thread is started with. */
export interface WorkerMachineData {
  /** The machine's X25519 secret, 32 bytes. */
  readonly machineSecret: Uint8Array;
}
