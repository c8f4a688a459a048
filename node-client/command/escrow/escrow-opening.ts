import type { EscrowTerms, OpenIntent } from "../../../spec/escrow-operations.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import { type OpenEscrowOptions, openEscrow } from "../../client/actions/escrow-opening-actions.ts";
import type { EscrowInfo } from "../../client/actions/escrow-queries.ts";
import type { ServiceInfo } from "../../client/actions/service-queries.ts";
import { getStream } from "../../client/actions/stream-queries.ts";
import { describeTerms, formatDuration, fromEscrowTerms } from "../../client/escrow/terms-text.ts";
import { countOf } from "../../count-of.ts";
import { hasEncryptionKey } from "../device/encryption-key-file.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { unitsOf } from "../money/token-option.ts";
import type { CommandActor } from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EscrowActError } from "./escrow-act.ts";
import { type TermsOptions, toTerms } from "./escrow-terms-options.ts";

/** What an opening's command line says beside service and amount. */
export interface OpeningOptions extends TermsOptions {
  readonly serviceVersion?: number;
  readonly baseUnits: boolean;
}

/** An escrow about to be opened on a service. */
export interface EscrowOpening {
  readonly service: ServiceInfo;
  /** How the command line writes amounts. */
  readonly units: TokenUnits;
  readonly fields: OpenEscrowOptions;
  readonly terms: EscrowTerms;
  /** "0.03 ETH for 3 units of weather, 0.01 ETH each." */
  readonly sentence: string;
}

/**
 * Makes an opening of what the command line says, checks what would be refused, and says its terms.
 *
 * @param text The amount, as it was typed.
 * @throws EscrowActError where the amount does not pay one unit, BalanceTooLow, and what queries
 * throw.
 */
export async function prepareOpening(
  online: CommandActor,
  service: ServiceInfo,
  text: string,
  options: OpeningOptions,
): Promise<EscrowOpening> {
  const { client, terminal } = online;
  const { serviceId, streamId, token, price } = service;
  const units = await unitsOf(client, token, options);
  const metrics =
    options.predicate === undefined || streamId === undefined
      ? undefined
      : (await getStream(client, { streamId })).metrics;
  const amount = parseAmount(text, units);
  const version = options.serviceVersion ?? service.version;
  const fields = {
    ...{ serviceId, version, amount },
    ...toTerms(options, service.mode, units, metrics),
  };
  const { terms } = openEscrow.body(fields);
  await warnWithoutKey(online, service);
  if (!online.isForRelay && version === service.version) {
    requireAmount(amount, price, `A unit of ${service.name} costs`, units);
  }
  await requireBalance(online, { token, amount, units });
  tellOpeningTerms({ terms, service, amount }, units, terminal);
  const sentence =
    `${formatAmount(amount, units)} for ${countOf(terms.unitCount, "unit")} of ` +
    `${service.name}, ${formatAmount(price, units)} each.`;
  return { service, units, fields, terms, sentence };
}

/** Tells in the token's units that an escrow would not pay its first unit. */
export function requireAmount(
  amount: bigint,
  least: bigint,
  what: string,
  units: TokenUnits,
): void {
  if (amount >= least) return;
  throw new EscrowActError(
    `${what} ${formatAmount(least, units)}, more than the ${formatAmount(amount, units)} put in ` +
      "(escrow_amount_under_price); nothing was sent.",
    { whatToDo: "Put in one unit's price at least." },
  );
}

/** A sealed stream's keys go to an encryption key: without one nothing can be delivered. */
async function warnWithoutKey(
  { client, address, connection, terminal }: CommandActor,
  { streamId, groups }: ServiceInfo,
): Promise<void> {
  if (groups === 0) return;
  const { encryptionKey } = await getAccount(client, { account: address });
  if (encryptionKey !== undefined) return;
  const make = hasEncryptionKey(connection.dataFolder) ? "" : "`tallyroll key encryption`, then ";
  terminal.note(
    `Stream ${streamId} is sealed, and ${address} has no encryption key yet: until it has one, nothing ` +
      `can be delivered. Run ${make}\`tallyroll grant key\`.`,
  );
}

/**
 * What is about to be agreed, said before it is signed: whoever left an option away reads here what
 * that means.
 */

/** The terms of an escrow about to be opened on a service, and what its money pays. */
function tellOpeningTerms(
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
export function tellAcceptedTerms(intent: EscrowInfo, units: TokenUnits, terminal: Terminal): void {
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
