import { hexToString } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { REFUSALS, type Refusal } from "../../../spec/refusals.ts";
import { REFUSAL_ADVICE } from "./refusal-advice.ts";

/** One refused operation, as a report tells it (spec §1.6). */
export interface RefusedOperation {
  /** Position in the input, from 0; `null` where the whole input was refused. */
  readonly operation: number | null;
  readonly refusal: Refusal;
  readonly code: number;
  /** What the machine adds; may be empty. Never quotes what was sealed. */
  readonly detail: string;
  /** What the detail names (spec §8), as numbers and texts. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The rule, and what to do, as sentences. */
  readonly rule: string;
  readonly advice: string;
}

/**
 * A report's payload as a refusal; `undefined` where it is none that this version knows.
 *
 * @example
 * decodeRefusal(payload)?.advice; // "Deposit more first, or send less."
 */
export function decodeRefusal(payload: Hex): RefusedOperation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(hexToString(payload));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { refusal, code, operation, detail, values } = value as Record<string, unknown>;
  if (!isRefusal(refusal) || REFUSALS[refusal] !== code) return undefined;
  const [rule, advice] = REFUSAL_ADVICE[refusal];
  return {
    operation: typeof operation === "number" ? operation : null,
    refusal,
    code: REFUSALS[refusal],
    detail: typeof detail === "string" ? detail : "",
    values: typeof values === "object" && values !== null ? { ...values } : {},
    ...{ rule, advice },
  };
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === "string" && Object.hasOwn(REFUSALS, value);
}
