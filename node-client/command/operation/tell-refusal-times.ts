import { fillIn, listNames } from "../../../spec/explain.ts";
import { TIME_SEC_MAX } from "../../../spec/limits.ts";
import { TIMED_DETAILS } from "../../../spec/refusals.ts";
import { describeRefused, type OperationRefused } from "../../client/actions/operation-refused.ts";
import { formatTime } from "../terminal/format-csv.ts";

const SENTENCES: Readonly<Record<string, string>> = TIMED_DETAILS;

/**
 * What a refusal says, with dates for the machine's Unix seconds.
 *
 * @example
 * tellRefusalTimes(error); // "… it is active until 2026-11-21 05:37:04 UTC, now is 2026-11-21 …"
 */
export function tellRefusalTimes(error: OperationRefused): string {
  const sentence = SENTENCES[error.refusal] ?? "";
  const shown: Record<string, string> = {};
  for (const name of listNames(sentence)) {
    const value = error.values[name];
    // A sealed input's values are withheld, and some refusals have other details without times.
    if (value === undefined) return error.shortMessage;
    shown[name] = name.endsWith("Sec") && isTime(value) ? formatTime(value) : String(value);
  }
  if (sentence === "") return error.shortMessage;
  return describeRefused({ ...error, ...fillIn(sentence, shown) });
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= TIME_SEC_MAX;
