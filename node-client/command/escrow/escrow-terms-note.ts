import type { EscrowTerms, OpenIntent } from "../../../spec/escrow-operations.ts";
import type { EscrowInfo } from "../../client/actions/get-escrow.ts";
import type { ServiceInfo } from "../../client/actions/get-service.ts";
import { describeTerms, formatDuration, fromEscrowTerms } from "../../client/escrow/terms-text.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * What is about to be agreed, said before it is signed: whoever left an option away reads here what
 * that means.
 */

/** The terms of an escrow about to be opened on a service, and what its money pays. */
export function tellOpeningTerms(
  {
    terms,
    service,
    amount,
  }: {
    readonly terms: EscrowTerms;
    readonly service: Pick<ServiceInfo, "mode" | "price">;
    readonly amount: bigint;
  },
  units: TokenUnits,
  terminal: Terminal,
): void {
  const { mode, price } = service;
  terminal.note(`Terms: ${describeOf(terms, mode, units)}`);
  const put = formatAmount(amount, units);
  const payable = amount / price;
  if (payable < terms.unitCount) {
    terminal.note(
      `${put} pays ${payable} of ${countOf(terms.unitCount, "unit")}; the others need ` +
        "`tallyroll escrow fund ESCROW AMOUNT`, or --auto-fill.",
    );
  } else if (amount > price * BigInt(terms.unitCount)) {
    terminal.note(
      `${put} is more than ${countOf(terms.unitCount, "unit")} can cost; the rest comes back.`,
    );
  }
}

/** The terms of an intent about to be opened, who may take it, and what its money pays. */
export function tellIntentTerms(intent: OpenIntent, units: TokenUnits, terminal: Terminal): void {
  const { terms, mode, ceiling, amount, acceptTimeSec, providers, tag } = intent;
  const money = (some: bigint): string => formatAmount(some, units);
  const who =
    providers.length === 0 ? "Anybody" : `One of ${countOf(providers.length, "provider")}`;
  terminal.note(
    `${who} who sells ${tag} at ${money(ceiling)} or less a unit may take it within ` +
      `${formatDuration(acceptTimeSec)}; else ${money(amount)} comes back.`,
  );
  terminal.note(`Terms: ${describeOf(terms, mode, units)}`);
  const payable = amount / ceiling;
  const stay = payable < terms.unitCount ? Number(payable) : terms.unitCount;
  terminal.note(
    `${money(amount)} pays ${stay} of ${countOf(terms.unitCount, "unit")}, whatever the provider's ` +
      "price: what these do not cost comes back." +
      (stay < terms.unitCount
        ? " The others need `tallyroll escrow fund ESCROW AMOUNT`, or --auto-fill."
        : ""),
  );
}

/** The terms that a provider agrees to by taking an intent. */
export function tellTakenTerms(intent: EscrowInfo, units: TokenUnits, terminal: Terminal): void {
  const { terms, mode, fillLeft: autoFillLimit } = intent;
  const money = (amount: bigint): string => formatAmount(amount, units);
  terminal.note(`Terms: ${describeTerms({ ...terms, mode, autoFillLimit }, money)}`);
  const payable = intent.held / terms.ceiling;
  if (payable >= terms.unitCount) return;
  terminal.note(
    `It holds ${money(intent.held)}, which pays ${payable} of ${countOf(terms.unitCount, "unit")}; ` +
      "the others wait for the buyer's money.",
  );
}

const describeOf = (terms: EscrowTerms, mode: ServiceInfo["mode"], units: TokenUnits): string =>
  describeTerms(fromEscrowTerms(terms, mode), (amount) => formatAmount(amount, units));
