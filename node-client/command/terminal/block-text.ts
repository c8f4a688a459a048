import type { BlockCalendar } from "../../client/actions/chain-status.ts";
import { formatTime } from "./format-csv.ts";

/**
 * A block with its date, which is an estimate for one to come: block 1234 (about 2026-12-24 10:00
 * UTC).
 *
 * @throws What `BlockCalendar.findTime` throws.
 */
export async function describeBlock(calendar: BlockCalendar, block: number): Promise<string> {
  const date = formatBlockDate(block, await calendar.findTime(block), calendar);
  return `block ${block}${date && ` (${date})`}`;
}

/** The date alone, to the minute; nothing where there is none. */
export function formatBlockDate(
  block: number,
  timeSec: number | undefined,
  { headBlock }: Pick<BlockCalendar, "headBlock">,
): string {
  if (timeSec === undefined) return "";
  const date = formatTime(timeSec).replace(/:\d\d UTC$/, " UTC");
  return block <= headBlock ? date : `about ${date}`;
}
