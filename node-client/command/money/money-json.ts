import type { Hex } from "../../../spec/outputs.ts";
import type { Notice } from "../../client/actions/decode-notice.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { TokenUnits } from "./amounts.ts";
import { nameUnits } from "./token-option.ts";

/** Integers of notices that are base units of a token, wherever they stand. */
export const MONEY_FIELDS: ReadonlySet<string> = new Set([
  ...["amount", "threshold", "balance", "value", "price", "ceiling", "returned", "held", "limit"],
  ...["claimAmount", "plannedAmount", "sendBackAmount", "keepAmount", "cumulative"],
]);

/**
 * One line of JSON of an answer in which money stands. Amounts are decimal strings in base units;
 * whatever names a `token` says beside it how its amounts are written: `symbol` and `decimals`, which
 * are null where the chain could not be asked.
 *
 * @example
 * await formatMoneyJson(client, { token: zeroAddress, amount: 5n });
 * // {"token":"0x00…","amount":"5","symbol":"ETH","decimals":18}
 */
export async function formatMoneyJson(client: TallyrollClient, answer: object): Promise<string> {
  const known = new Map<string, Promise<NamedUnits>>();
  const unitsOf = (token: Hex): Promise<NamedUnits> => {
    const units = known.get(token) ?? nameOrLeaveOpen(client, token);
    known.set(token, units);
    return units;
  };
  return formatJson(await addUnits(answer, unitsOf));
}

/** Null where nobody could be asked. */
type NamedUnits = TokenUnits | { readonly symbol: null; readonly decimals: null };

/** What was done is done: that its token cannot be asked now is no reason to keep it back. */
async function nameOrLeaveOpen(client: TallyrollClient, token: Hex): Promise<NamedUnits> {
  try {
    return await nameUnits(client, token);
  } catch (error) {
    if (error instanceof ClientError) return { symbol: null, decimals: null };
    throw error;
  }
}

/** How amounts are written that nothing nearby names the token of. */
const BASE_UNITS: TokenUnits = { symbol: "base units", decimals: 0 };

/** The same of a notice on its own: where it names no token, its channel's or escrow's opening did. */
export function toLoneNoticeJson({ name, args }: Notice): object {
  const isBare = !("token" in args) && Object.keys(args).some((field) => MONEY_FIELDS.has(field));
  return { name, args: { ...toNoticeJson(args), ...(isBare ? BASE_UNITS : {}) } };
}

/** A notice's arguments as JSON has them: money as amounts, all other integers as numbers. */
export function toNoticeJson(args: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === "bigint" && !MONEY_FIELDS.has(name) && Number.isSafeInteger(Number(value))
        ? Number(value)
        : value,
    ]),
  );
}

async function addUnits(
  value: unknown,
  unitsOf: (token: Hex) => Promise<NamedUnits>,
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => addUnits(item, unitsOf)));
  if (!isPlainObject(value)) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, item]) => [name, await addUnits(item, unitsOf)]),
  );
  const { token } = value;
  const units = isToken(token) && !("decimals" in value) ? await unitsOf(token) : {};
  return { ...Object.fromEntries(entries), ...units };
}

const isToken = (value: unknown): value is Hex =>
  typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value);

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
