import { InvalidArgumentError, Option } from "commander";
import { BASIS_POINTS, MESSAGES_MAX, TERM_SEC_MAX, UNITS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import type { EscrowTermsOptions } from "../../client/escrow/escrow-terms.ts";
import { parsePredicate } from "../../client/escrow/predicate-text.ts";
import { parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import type { SharedOptions } from "../options/declared-command.ts";
import { parseAddressHex, parseWhole } from "../options/parse-arguments.ts";

/** An escrow's terms, as the command line says them. */
export interface TermsOptions {
  readonly units: number;
  readonly deliveryTime: number;
  readonly answerTime: number;
  readonly arbiter?: Hex;
  readonly arbitrationTime: number;
  readonly autoFill?: string;
  readonly session: number;
  readonly expected: number;
  readonly minMessages?: number;
  readonly minValid?: number;
  readonly renew: boolean;
  readonly predicate?: string;
}

const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Adds the options of `escrow open` and `escrow intent`; each default stands in the help. */
export const addTermsOptions: SharedOptions<TermsOptions> = (command) =>
  command
    .option("--units <n>", "pulls or sessions, after which it is over", parseWhole(1, UNITS_MAX), 1)
    .addOption(timeOption("--delivery-time <time>", "from one unit to the next, at most", "1d"))
    .addOption(timeOption("--answer-time <time>", "for your answer; silence accepts", "1h"))
    .option("--arbiter <address>", "decides what you reject (default: nobody)", parseAddressHex)
    .addOption(timeOption("--arbitration-time <time>", "for the arbiter", "7d"))
    .option(
      "--auto-fill <amount>",
      "draw up to this from your balance when it runs low (default: 0)",
    )
    .addOption(timeOption("--session <time>", "length of a session", "60s"))
    .option("--expected <n>", "messages a session is to have", parseWhole(1, MESSAGES_MAX), 15)
    .option(
      "--min-messages <n>",
      "fewest messages of a paid session, or readings of a judged unit (default: 1)",
      parseWhole(1, MESSAGES_MAX),
    )
    .option(
      "--min-valid <ratio>",
      "least share of valid ones, such as 0.75 (default: 1 under --predicate, else 0)",
      parseRatio,
    )
    .option("--no-renew", "end with the first session (default: the next one starts by itself)")
    .option(
      "--predicate <text>",
      'let the machine judge the readings: "temperature in [25, 43)" (default: the buyer answers)',
    );

/** How long an intent waits. */
export const addAcceptTimeOption: SharedOptions<{ readonly acceptTime: number }> = (command) =>
  command.addOption(timeOption("--accept-time <time>", "how long it waits for a provider", "1d"));

/** A time with its default as people write it. */
const timeOption = (flags: string, what: string, unlessTold: string): Option =>
  new Option(flags, what).argParser(parseDuration).default(parseDuration(unlessTold), unlessTold);

/**
 * The terms that are meant.
 *
 * @param metrics Of the stream that a predicate judges; absent where it is not known yet.
 * @throws PredicateError and AmountError.
 */
export function toTerms(
  options: TermsOptions,
  mode: DeliveryMode,
  units: TokenUnits,
  metrics: readonly Metric[] | undefined,
): EscrowTermsOptions {
  const { arbiter, autoFill, minMessages, minValid, predicate } = options;
  const ratio = minValid === undefined ? {} : { minValidRatio: minValid };
  return {
    unitCount: options.units,
    deliveryTimeSec: options.deliveryTime,
    answerTimeSec: options.answerTime,
    ...(arbiter === undefined ? {} : { arbiter, arbitrationTimeSec: options.arbitrationTime }),
    ...(autoFill === undefined ? {} : { autoFillLimit: parseAmount(autoFill, units) }),
    ...(predicate === undefined ? {} : { predicate: parsePredicate(predicate, metrics) }),
    ...(mode === "pull"
      ? { ...ratio, ...(minMessages === undefined ? {} : { minReadings: minMessages }) }
      : {
          session: {
            durationSec: options.session,
            expectedMsgs: options.expected,
            autoRenew: options.renew,
            ...(minMessages === undefined ? {} : { minMsgCount: minMessages }),
            ...ratio,
          },
        }),
  };
}

/** A time such as 90, 90s, 15m, 12h or 30d, in seconds. */
function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const seconds = Number(match?.[1]) * (UNIT_SEC[match?.[2] || "s"] ?? 1);
  if (match !== null && seconds >= 1 && seconds <= TERM_SEC_MAX) return seconds;
  throw new InvalidArgumentError("Give a time from 1s to 365d, such as 90s, 15m, 12h or 30d.");
}

function parseRatio(text: string): number {
  const ratio = /^(0(\.\d{1,4})?|1(\.0{1,4})?)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(Math.round(ratio * BASIS_POINTS))) return ratio;
  throw new InvalidArgumentError("Give a share from 0 to 1 with at most four decimals.");
}
