import type { Hex } from "../../../spec/outputs.ts";
import { ETHER } from "../../client/actions/ether.ts";
import { type OutputInfo, readPayout } from "../../client/actions/node-outputs.ts";
import type { ClaimEstimate } from "../../client/actions/output-on-chain.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { isMoneyField } from "../../client/decoding/decode-notice.ts";
import { countOf } from "../../count-of.ts";
import { ETHER_UNITS, formatAmount } from "../money/token-amounts.ts";
import { readTokenUnits, TokenError } from "../money/token-option.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * An amount of any token that an output names, with the token's address where it is not Ether. One
 * that does not say how it is written, as anybody can have one in a voucher, is shown in base units.
 */
async function tellMoney(client: TallyrollClient, token: Hex, amount: bigint): Promise<string> {
  if (token === ETHER) return formatAmount(amount, ETHER_UNITS);
  try {
    return `${formatAmount(amount, await readTokenUnits(client, token))} (${token})`;
  } catch (error) {
    if (error instanceof TokenError) return `${amount} base units of ${token}`;
    throw error;
  }
}

/** An output in a few words: money in its token's units, whom a voucher pays. */
export async function describeOutput(client: TallyrollClient, output: OutputInfo): Promise<string> {
  const payout = readPayout(output);
  if (payout !== undefined) {
    return `voucher: ${await tellMoney(client, payout.token, payout.amount)} to ${payout.recipient}`;
  }
  if (output.kind === "voucher") {
    const { destination, valueWei } = output;
    const money = valueWei === 0n ? "" : ` with ${await tellMoney(client, ETHER, valueWei)}`;
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
    if (typeof value !== "bigint" || !isMoneyField(field)) words.push(`${field}=${value}`);
    // Where a notice names no token, its channel's or escrow's opening does.
    else if (token === undefined) words.push(`${field}=${value} base units`);
    else words.push(`${field}=${await tellMoney(client, token, value)}`);
  }
  return words.join(" ");
}

/** How long a claim takes yet, in words: of an epoch that is over, nobody can tell. */
export function describeWait({ epoch, blocksLeft, notBeforeSec }: ClaimEstimate): string {
  const { epochIndex, lastBlock } = epoch;
  return blocksLeft === 0
    ? `epoch ${epochIndex} ended at block ${lastBlock}, its claim is on its way`
    : `epoch ${epochIndex} ends in ${countOf(blocksLeft, "block")}, in about ${notBeforeSec} s`;
}

/** Says once that a claim is waited for, then shows how long it takes yet. */
export function noteWait(terminal: Terminal): (estimate: ClaimEstimate) => void {
  let waits = false;
  return (estimate) => {
    const line = describeWait(estimate);
    if (!waits) terminal.note(`Waiting for the claim: ${line}.`);
    waits = true;
    terminal.progress(() => `waiting for the claim: ${line}`);
  };
}
