import { InvalidArgumentError } from "commander";
import { parseInstant } from "../../files/parse-instant.ts";

/** A time of the command line in Unix seconds; a day alone is its first second in UTC. */
export function parseMoment(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = parseInstant(isDay ? `${text} 00:00:00` : text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    "Give Unix seconds or YYYY-MM-DD, with or without HH:MM:SS, in UTC.",
  );
}
