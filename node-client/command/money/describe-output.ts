import { zeroAddress } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { readPayout } from "../../client/actions/is-payout.ts";
import type { OutputInfo } from "../../client/actions/output-info.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { ETHER_UNITS, formatAmount, type TokenUnits } from "./amounts.ts";
import { MONEY_FIELDS } from "./money-json.ts";
import { readTokenUnits, TokenError } from "./token-option.ts";

/** An amount of a token in words, with the token's address where it is not Ether. */
export type TellMoney = (token: Hex, amount: bigint) => Promise<string>;

/**
 * Amounts of any token that an output names. Each token is asked once how it is written; one that
 * does not say it, as anybody can have one in a voucher, is told in base units.
 */
export function createMoneyTeller(client: TallyrollClient): TellMoney {
  const known = new Map<Hex, Promise<TokenUnits | undefined>>();
  return async (token, amount) => {
    if (token === zeroAddress) return formatAmount(amount, ETHER_UNITS);
    const asked = known.get(token) ?? findUnits(client, token);
    known.set(token, asked);
    const units = await asked;
    if (units === undefined) return `${amount} base units of ${token}`;
    return `${formatAmount(amount, units)} (${token})`;
  };
}

async function findUnits(client: TallyrollClient, token: Hex): Promise<TokenUnits | undefined> {
  try {
    return await readTokenUnits(client, token);
  } catch (error) {
    if (error instanceof TokenError) return undefined;
    throw error;
  }
}

/** An output in a few words: money in its token's units, whom a voucher pays. */
export async function describeOutput(output: OutputInfo, tellMoney: TellMoney): Promise<string> {
  const payout = readPayout(output);
  if (payout !== undefined) {
    return `voucher: ${await tellMoney(payout.token, payout.amount)} to ${payout.recipient}`;
  }
  if (output.kind === "voucher") {
    const { destination, valueWei } = output;
    const money = valueWei === 0n ? "" : ` with ${await tellMoney(zeroAddress, valueWei)}`;
    return `voucher: call of ${destination}${money}`;
  }
  if (output.kind === "delegate_call_voucher") {
    return `voucher: delegate call of ${output.destination}`;
  }
  if (output.kind === "unknown" || output.notice === undefined) {
    return `${output.kind} ${output.raw.slice(0, 42)}…`;
  }
  const { name, args } = output.notice;
  const token = "token" in args ? args.token : undefined;
  const words: string[] = [name];
  for (const [field, value] of Object.entries(args)) {
    if (typeof value !== "bigint" || !MONEY_FIELDS.has(field)) words.push(`${field}=${value}`);
    // Where a notice names no token, its channel's or escrow's opening does.
    else if (token === undefined) words.push(`${field}=${value} base units`);
    else words.push(`${field}=${await tellMoney(token, value)}`);
  }
  return words.join(" ");
}
