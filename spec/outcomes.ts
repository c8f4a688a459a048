import type { Hex } from "./outputs.ts";
import { REFUSALS, type Refusal } from "./refusals.ts";

/** What became of one operation: how many of its input's outputs are its own, or why it has none. */
export type Outcome =
  | { readonly status: "applied"; readonly outputCount: number }
  | { readonly status: "refused"; readonly refusal: Refusal };

const REFUSED_BIT = 0x8000;
const REFUSAL_OF_CODE = new Map<number, Refusal>(
  Object.entries(REFUSALS).map(([refusal, code]) => [code, refusal as Refusal]),
);

const encodeOutcome = (outcome: Outcome): number =>
  outcome.status === "applied" ? outcome.outputCount : REFUSED_BIT + REFUSALS[outcome.refusal];

/** The end of `StateCommitted` (spec §7.1): two bytes an operation, in their order. */
export const encodeOutcomes = (outcomes: readonly Outcome[]): Hex =>
  `0x${outcomes.map((one) => encodeOutcome(one).toString(16).padStart(4, "0")).join("")}`;

/**
 * What became of each operation of an accepted input. A deposit is one operation.
 *
 * @throws RangeError for bytes that no machine of this version wrote.
 * @example
 * decodeOutcomes("0x00018020"); // applied with one output; refused: balance_too_low
 */
export function decodeOutcomes(bytes: Hex): readonly Outcome[] {
  const words = bytes.slice(2).match(/.{1,4}/g) ?? [];
  return words.map((digits): Outcome => {
    const word = Number.parseInt(digits, 16);
    if (word < REFUSED_BIT && digits.length === 4) return { status: "applied", outputCount: word };
    const refusal = REFUSAL_OF_CODE.get(word - REFUSED_BIT);
    if (refusal === undefined) throw new RangeError(`${digits} is the outcome of no operation`);
    return { status: "refused", refusal };
  });
}
