import { formatUnits } from "viem";
import { AMOUNT_MAX } from "../../../spec/limits.ts";
import { errorKind } from "../terminal/io.ts";

/** A token as amounts of it are written. */
export interface TokenUnits {
  readonly symbol: string;
  /** Decimal places: a base unit is 10^-decimals. */
  readonly decimals: number;
}

export const ETHER_UNITS: TokenUnits = { symbol: "ETH", decimals: 18 };

/** Digits of an amount that a message repeats: all of any amount that there can be. */
const TEXT_LENGTH_MAX = 96;

const AmountError = errorKind("AmountError");

/**
 * An amount in base units. Nothing is rounded: money that cannot be represented is refused.
 *
 * @throws AmountError for anything but a positive decimal number that the token can represent.
 * @example
 * parseAmount("1.5", { symbol: "ETH", decimals: 18 }); // 1_500_000_000_000_000_000n
 */
export function parseAmount(text: string, { symbol, decimals }: TokenUnits): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2]?.replace(/0+$/, "") ?? "";
  const said = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  if (match?.[1] === undefined) {
    throw new AmountError(`${JSON.stringify(said)} is not an amount.`, {
      whatToDo: `Give a decimal number of ${symbol}, such as 1.5.`,
    });
  }
  if (fraction.length > decimals) {
    throw new AmountError(`${said} ${symbol} is finer than its ${decimals} decimal places.`, {
      whatToDo: `Give at most ${decimals} digits after the point; nothing is rounded.`,
    });
  }
  const amount = BigInt(match[1] + fraction.padEnd(decimals, "0"));
  if (amount > 0n && amount <= AMOUNT_MAX) return amount;
  throw new AmountError(`${said} ${symbol} is ${amount === 0n ? "nothing" : "too much"}.`, {
    whatToDo: "Give an amount above zero and below 2^256 base units.",
  });
}

/** The same where nothing is an amount, too. */
export const parseAmountOrNone = (text: string, units: TokenUnits): bigint =>
  /^0(\.0*)?$/.test(text) ? 0n : parseAmount(text, units);

/**
 * An amount of base units in words.
 *
 * @example
 * formatAmount(1_500_000_000_000_000_000n, ETHER_UNITS); // "1.5 ETH"
 */
export const formatAmount = (amount: bigint, { symbol, decimals }: TokenUnits): string =>
  `${formatUnits(amount, decimals)} ${symbol}`;
