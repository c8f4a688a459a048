import type { EscrowInfo, EscrowTermsInfo } from "../../client/actions/escrow-queries.ts";
import type { EscrowChange } from "../../client/escrow/escrow-change.ts";
import type { JudgedReadings, SessionTime } from "../../client/escrow/judged-readings.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { formatTime } from "../terminal/format-csv.ts";

/** What the sentences need of the escrow itself. */
interface ChangedEscrow extends Pick<EscrowInfo, "escrowId"> {
  readonly terms: Pick<EscrowTermsInfo, "answerTimeSec" | "predicate">;
}

/**
 * What an operation did to an escrow, in sentences.
 * It is long because it is a list: one entry a kind of change, in the order in which they are said.
 *
 * @param done What it did itself, where the change does not tell it.
 * @param judged Which readings a judgement among the changes counted.
 */
export function formatChange(
  { escrowId, terms }: ChangedEscrow,
  change: EscrowChange,
  units: TokenUnits,
  done?: string,
  judged?: string,
): string {
  const money = (amount: bigint): string => formatAmount(amount, units);
  const { delivered, started, anchored, disputed, released, refunded, filled, low, closed } =
    change;
  const said: string[] = [];
  if (delivered !== undefined) {
    const { unit, answerUntilSec } = delivered;
    const isJudged =
      isAmong(unit, released?.firstUnit, released?.count) ||
      isAmong(unit, refunded?.unit, refunded?.count);
    const rest = isJudged
      ? "and was judged at once"
      : `silence accepts it at ${formatTime(answerUntilSec)}`;
    said.push(`Unit ${unit} is delivered${isJudged ? " " : "; "}${rest}.`);
  }
  if (anchored !== undefined) {
    const { unit, messageCount, validCount, answerUntilSec } = anchored;
    const counts = `${countOf(messageCount, "message")}, ${validCount} valid`;
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
  if (judged !== undefined) said.push(`It was judged: ${judged}.`);
  if (filled !== undefined) said.push(`${money(filled)} drawn from the buyer's balance.`);
  if (low !== undefined) {
    said.push(
      `It holds ${money(low.held)}, less than the next unit's ${money(low.price)}: fund it.`,
    );
  }
  if (started !== undefined) {
    const { unit, startedAtSec, endsAtSec } = started;
    const until = formatTime(endsAtSec + terms.answerTimeSec);
    const rest = terms.predicate
      ? `from ${until} on the machine judges the readings sent since now whose device time lies ` +
        `from ${formatTime(startedAtSec)} until then`
      : `without a receipt or an anchor by ${until} it is refunded`;
    said.push(`Session ${unit} runs until ${formatTime(endsAtSec)}; ${rest}.`);
  }
  if (change.endingUntilSec !== undefined) {
    said.push(
      `It ends at ${formatTime(change.endingUntilSec)}; receipts can be redeemed until then.`,
    );
  }
  if (closed !== undefined) {
    said.push(`Closed as ${closed.ending}; ${money(closed.returned)} went back to the buyer.`);
  }
  // What lapsed before is said first, as it happened.
  if (done !== undefined) said.push(done);
  return `${escrowId}: ${said.length === 0 ? "done." : said.join(" ")}`;
}

/** Whether a unit is among so many from the first on. */
const isAmong = (unit: number, first: number | undefined, count = 0): boolean =>
  first !== undefined && unit >= first && unit < first + count;

/**
 * Which readings a judgement counts, and which not and why.
 *
 * @param session Absent for a unit: all readings of its batch count.
 * @example
 * formatJudged(counts); // "12 readings count, 9 of them valid"
 */
export function formatJudged(counts: JudgedReadings, session?: SessionTime): string {
  const { messageCount, validCount, earlyCount, lateCount, beyondCount } = counts;
  const counted =
    messageCount === 0
      ? "no reading counts"
      : `${countOf(messageCount, "reading")} ${messageCount === 1 ? "counts" : "count"}, ${validCount} of them valid`;
  if (session === undefined) return counted;
  const left = [
    earlyCount > 0 && `${earlyCount} with a device time before ${formatTime(session.startedAtSec)}`,
    lateCount > 0 && `${lateCount} with a device time of ${formatTime(session.endsAtSec)} or later`,
    beyondCount > 0 && `${beyondCount} beyond the batches and readings of one judgement`,
  ].filter((part) => part !== false);
  return left.length === 0 ? counted : `${counted}; left out: ${left.join(", ")}`;
}
