import { escapeLine } from "../../escape-text.ts";
import type { ReplayException } from "../../replay/count-exceptions.ts";
import type { ReportedRefusal } from "../../replay/open-application.ts";

/** Lines that every kind of replay prints. */

/** How many inputs there were, and what became of them. */
export function formatInputCounts({
  inputs,
  accepted,
  rejected,
  exceptions,
}: {
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly exceptions: number;
}): string {
  const stopped = exceptions === 0 ? "" : `, ${exceptions} of them by an exception`;
  return `inputs               ${inputs} (${accepted} accepted, ${rejected} rejected${stopped})`;
}

/** One refused operation. */
export function formatRefusal({
  input,
  operation,
  refusal,
  code,
  detail,
}: ReportedRefusal): string {
  const place = operation === null ? `input ${input}` : `input ${input}, operation ${operation}`;
  return `${place}: ${refusal} (${code})${detail === "" ? "" : `: ${escapeLine(detail)}`}`;
}

/** An input that stopped the application, which is a bug of it. */
export function describeException({ inputIndex, message }: ReplayException): string {
  return (
    `Input ${inputIndex} stopped the application (${message}). It counts as rejected, with the ` +
    "state before it, as in the rollup. This is a bug: report that input."
  );
}
