import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { isMoneyField, type Notice, toNativeFields } from "../../client/decoding/decode-notice.ts";
import { ClientError } from "../../errors.ts";
import type { Online } from "../connection/online.ts";
import { formatJson } from "../terminal/format-json.ts";
import { type Cell, formatTable } from "../terminal/format-table.ts";
import type { TokenUnits } from "./token-amounts.ts";
import { nameUnits } from "./token-option.ts";

/**
 * One line of JSON of an answer in which money stands. Amounts are decimal strings in base units;
 * whatever names a `token` says beside it how its amounts are written: `symbol` and `decimals`, which
 * are null where the chain could not be asked.
 *
 * @example
 * await formatMoneyJson(client, { token: ETHER, amount: 5n });
 * // {"token":"0x00…","amount":"5","symbol":"ETH","decimals":18}
 */
export const formatMoneyJson = async (client: TallyrollClient, answer: object): Promise<string> =>
  formatJson(await addUnits(client, answer));

/** What was done is done: that its token cannot be asked now does not hold it back. */
async function nameOrLeaveOpen(client: TallyrollClient, token: Hex) {
  try {
    return await nameUnits(client, token);
  } catch (error) {
    if (error instanceof ClientError) return { symbol: null, decimals: null };
    throw error;
  }
}

/** How amounts are written that nothing nearby names the token of. */
const BASE_UNITS: TokenUnits = { symbol: "base units", decimals: 0 };

/** A notice on its own as JSON has it: where it names no token, its channel's or escrow's opening did. */
export function toLoneNoticeJson({ name, args }: Notice): object {
  const isBare = !("token" in args) && Object.keys(args).some(isMoneyField);
  return { name, args: { ...toNativeFields(args), ...(isBare ? BASE_UNITS : {}) } };
}

async function addUnits(client: TallyrollClient, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => addUnits(client, item)));
  if (!isPlainObject(value)) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, item]) => [name, await addUnits(client, item)]),
  );
  const { token } = value;
  const units =
    isToken(token) && !("decimals" in value) ? await nameOrLeaveOpen(client, token) : {};
  return { ...Object.fromEntries(entries), ...units };
}

const isToken = (value: unknown): value is Hex =>
  typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value);

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * Prints what a command found: under `--json` as one line in which money names its units, else in
 * words, for the width of the terminal.
 */
export async function answer(
  { client, options, terminal }: Online,
  json: object,
  words: string | ((columns: number | undefined) => string | Promise<string>),
): Promise<void> {
  if (options.json) await terminal.print(await formatMoneyJson(client, json));
  else await terminal.print(typeof words === "string" ? words : await words(terminal.columns));
}

/** The same of a list, as a table: a row for each of its things. */
export const answerTable = <Thing>(
  online: Online,
  json: object,
  names: readonly string[],
  things: readonly Thing[],
  toRow: (thing: Thing) => readonly Cell[],
): Promise<void> =>
  answer(online, json, (columns) => formatTable(names, things.map(toRow), columns));
