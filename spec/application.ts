import type { InputContext } from "./input.ts";
import type { AdvanceResult, Hex } from "./outputs.ts";

/**
 * The transition as its hosts see it: the rollup HTTP loop, the worker driver and replay. Both
 * calls are synchronous; a throw is our bug (InvariantViolation) and must stop the machine.
 */
export interface Application {
  advance(at: InputContext, payload: Uint8Array): AdvanceResult;
  /** Answers a query without touching the state: report payloads, in order. */
  inspect(query: Uint8Array): readonly Hex[];
}
