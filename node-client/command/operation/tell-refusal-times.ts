import type { OperationRefused } from "../../client/actions/operation-refused.ts";
import { formatTime } from "../terminal/format-csv.ts";

/** The refusals whose detail holds Unix seconds; those of channels count blocks. */
const WITH_TIMES: ReadonlySet<string> = new Set([
  ...["authorization_expired", "grant_expired_already", "escrow_nothing_due"],
  ...["session_not_over", "escrow_judged_by_machine", "delivery_grant_missing", "grant_exists"],
]);
const TIME = /\b(until|at|is|after) (\d{9,12})\b/g;

/**
 * What a refusal says, with dates for the machine's Unix seconds.
 *
 * @example
 * tellRefusalTimes(error); // "… it is active until 2026-11-21 05:37:04 UTC, now is 2026-11-21 …"
 */
export function tellRefusalTimes({ refusal, shortMessage }: OperationRefused): string {
  if (!WITH_TIMES.has(refusal)) return shortMessage;
  return shortMessage.replace(TIME, (_, word, time) => `${word} ${formatTime(Number(time))}`);
}
