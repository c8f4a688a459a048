import { InvalidArgumentError } from "commander";
import { RETENTION_SEC_MAX, TERM_SEC_MAX } from "../../../spec/limits.ts";

const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A time such as 90, 90s, 15m, 12h or 30d, in seconds. */
export function parseDuration(text: string): number {
  const seconds = readSeconds(text);
  if (seconds >= 1 && seconds <= TERM_SEC_MAX) return seconds;
  throw new InvalidArgumentError("Give a time from 1s to 365d, such as 90s, 15m, 12h or 30d.");
}

/** How long a stream keeps its batches' bodies, in seconds; 0 for ever. */
export function parseRetention(text: string): number {
  const seconds = readSeconds(text);
  if (seconds <= RETENTION_SEC_MAX) return seconds;
  throw new InvalidArgumentError("Give a time such as 12h, 30d or 3650d; 0 is for ever.");
}

function readSeconds(text: string): number {
  const match = /^(\d{1,10})([smhd]?)$/.exec(text);
  return Number(match?.[1]) * (UNIT_SEC[match?.[2] || "s"] ?? 1);
}

/** What is said of the option that gives a retention. */
export const RETENTION_ABOUT =
  "how long readings stay in the state, such as 30d; the chain's inputs have them for good";
