import type { EscrowChange } from "../escrow/escrow-change.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { formatAmount, type TokenUnits } from "./amounts.ts";
import { formatTime } from "./format-csv.ts";

/** What an operation did to an escrow, in sentences. */
export function formatChange(
  escrowId: EscrowIdText,
  change: EscrowChange,
  units: TokenUnits,
): string {
  const money = (amount: bigint): string => formatAmount(amount, units);
  const { delivered, started, anchored, disputed, released, refunded, filled, low, closed } =
    change;
  const said: string[] = [];
  if (delivered !== undefined) {
    const until = formatTime(delivered.answerUntilSec);
    said.push(`Unit ${delivered.unit} is delivered; silence accepts it at ${until}.`);
  }
  if (anchored !== undefined) {
    const { unit, messageCount, validCount, answerUntilSec } = anchored;
    const counts = `${messageCount} messages, ${validCount} valid`;
    said.push(
      `Session ${unit} is anchored: ${counts}; to be answered by ${formatTime(answerUntilSec)}.`,
    );
  }
  if (disputed !== undefined) {
    const { unit, arbiter, arbitrationUntilSec } = disputed;
    said.push(`Unit ${unit} waits for ${arbiter} until ${formatTime(arbitrationUntilSec)}.`);
  }
  if (released !== undefined) {
    const { firstUnit, count, payee, amount } = released;
    const which = count === 1 ? `Unit ${firstUnit}` : `${count} units from ${firstUnit} on`;
    said.push(`${which} paid: ${money(amount)} to ${payee}.`);
  }
  if (refunded !== undefined) {
    const { unit, count, amount } = refunded;
    const which = count === 1 ? `Unit ${unit}` : `${count} units from ${unit} on`;
    said.push(`${which} refunded: ${money(amount)} to the buyer.`);
  }
  if (filled !== undefined) said.push(`${money(filled)} drawn from the buyer's balance.`);
  if (low !== undefined) {
    said.push(
      `It holds ${money(low.held)}, less than the next unit's ${money(low.price)}: fund it.`,
    );
  }
  if (started !== undefined) {
    said.push(`Session ${started.unit} runs until ${formatTime(started.endsAtSec)}.`);
  }
  if (change.endingUntilSec !== undefined) {
    said.push(
      `It ends at ${formatTime(change.endingUntilSec)}; receipts can be redeemed until then.`,
    );
  }
  if (closed !== undefined) {
    said.push(`Closed as ${closed.ending}; ${money(closed.returned)} went back to the buyer.`);
  }
  return `${escrowId}: ${said.length === 0 ? "done." : said.join(" ")}`;
}
