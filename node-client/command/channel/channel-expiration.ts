import { InvalidArgumentError } from "commander";
import { COUNTER_MAX } from "../../../spec/limits.ts";
import { type BlockCalendar, readBlockCalendar } from "../../client/actions/chain-status.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseMoment, parseWhole } from "../options/parse-arguments.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { errorKind } from "../terminal/io.ts";

const BLOCKS_MAX = 2 ** 40;
const BLOCKS_DEFAULT = 50_000;
const DAYS_MAX = 36_500;
const DAY_SEC = 86_400;

/** An opening is in the next block at the earliest: a channel that expires there is never open. */
export const OPENING_BLOCKS_MIN = 2;
/** An extension is in the next block at the earliest. */
export const EXTENDING_BLOCKS_MIN = 1;

const ExpirationError = errorKind("ExpirationError");

/** The block that is meant. */
export type Expiration = Awaited<ReturnType<typeof findExpiration>>;

/** Adds `--blocks`, `--until-block`, `--days` and `--until`, of which one may be given. */
export const addExpirationOptions = (blocksMin: number) =>
  shareOptions((command) =>
    command
      .option(
        "--blocks <n>",
        `expire so many blocks from now (default: ${BLOCKS_DEFAULT})`,
        parseWhole(blocksMin, BLOCKS_MAX),
      )
      .notWith("untilBlock", "days", "until")
      .option("--until-block <n>", "expire at this block", parseWhole(1, COUNTER_MAX))
      .notWith("days", "until")
      .option(
        "--days <n>",
        "expire in about so many days, by the chain's measured block time",
        parseWhole(1, DAYS_MAX),
      )
      .notWith("until")
      .option(
        "--until <time>",
        "expire about then: YYYY-MM-DD[ HH:MM:SS] in UTC, by the chain's measured block time",
        parseMoment,
      ),
  );
type ExpirationOptions = OptionsIn<ReturnType<typeof addExpirationOptions>>;

/**
 * The block at which a channel shall expire.
 *
 * @param blocksMin How far from the head it is at least: what is sent is in the next block.
 */
export async function findExpiration(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl">,
  options: ExpirationOptions,
  blocksMin: number,
) {
  const calendar = await readBlockCalendar(client);
  const expirationBlock = chooseBlock(calendar, options, blocksMin);
  // From the chain's head.
  const blocksLeft = expirationBlock - calendar.headBlock;
  if (blocksLeft < blocksMin) {
    throw new ExpirationError(
      `Block ${expirationBlock} is too early: the chain is at ${calendar.headBlock}; nothing was sent.`,
      { whatToDo: `Name block ${calendar.headBlock + blocksMin} or a later one.` },
    );
  }
  // In Unix seconds; `undefined` where the chain's pace is not known.
  const expiresAboutSec = await calendar.findTime(expirationBlock);
  const text = await describeBlock(calendar, expirationBlock);
  return { expirationBlock, blocksLeft, expiresAboutSec, text };
}

function chooseBlock(
  calendar: BlockCalendar,
  { blocks, untilBlock, days, until }: ExpirationOptions,
  blocksMin: number,
): number {
  const { headBlock, headTimeSec } = calendar;
  if (untilBlock !== undefined) return untilBlock;
  const timeSec = days === undefined ? until : headTimeSec + days * DAY_SEC;
  if (timeSec === undefined) return headBlock + (blocks ?? BLOCKS_DEFAULT);
  if (timeSec <= headTimeSec) {
    throw new ExpirationError(
      `${formatTime(timeSec)} is past: the chain's newest block is of ${formatTime(headTimeSec)}; ` +
        "nothing was sent.",
      { whatToDo: "Name a later time." },
    );
  }
  const blocksAway = countBlocks(calendar, timeSec);
  if (blocksAway > BLOCKS_MAX) {
    throw new ExpirationError(`${formatTime(timeSec)} is more than 2^40 blocks away.`, {
      whatToDo: "Name an earlier time, or the block with --until-block.",
    });
  }
  return headBlock + Math.max(blocksAway, blocksMin);
}

/** @throws ExpirationError where the pace cannot be measured. */
function countBlocks({ headTimeSec, secondsPerBlock }: BlockCalendar, timeSec: number): number {
  if (secondsPerBlock !== undefined) return Math.ceil((timeSec - headTimeSec) / secondsPerBlock);
  throw new ExpirationError("The chain has too few blocks to measure its block time by.", {
    whatToDo: "Give a number of blocks instead.",
  });
}

/** A number of blocks, or of days such as 7d. */
export type BlockSpan = { readonly blocks: number } | { readonly days: number };

/** 5000 is so many blocks, 7d so many days. */
export function parseBlockSpan(text: string): BlockSpan {
  const [, digits = "", unit] = /^(\d{1,13})(d?)$/.exec(text) ?? [];
  const count = digits === "" ? Number.NaN : Number(digits);
  if (unit === "" && count <= BLOCKS_MAX) return { blocks: count };
  if (unit === "d" && count >= 1 && count <= DAYS_MAX) return { days: count };
  throw new InvalidArgumentError("Give a number of blocks such as 5000, or of days such as 7d.");
}

/** @throws ExpirationError where days cannot be turned into blocks. */
export const findLastBlock = (calendar: BlockCalendar, span: BlockSpan): number =>
  calendar.headBlock +
  ("blocks" in span
    ? span.blocks
    : countBlocks(calendar, calendar.headTimeSec + span.days * DAY_SEC));

/**
 * A block with its date, which is an estimate for one to come: block 1234 (about 2026-12-24 10:00
 * UTC).
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
