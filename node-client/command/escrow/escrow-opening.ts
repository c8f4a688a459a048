import { InvalidArgumentError } from "commander";
import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS, MESSAGES_MAX, UNITS_MAX } from "../../../spec/limits.ts";
import type { BodyOf } from "../../../spec/operations.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import { openEscrow } from "../../client/actions/escrow-opening-actions.ts";
import type { EscrowInfo } from "../../client/actions/escrow-queries.ts";
import type { ServiceInfo } from "../../client/actions/service-queries.ts";
import { getStream } from "../../client/actions/stream-queries.ts";
import type { EscrowTermsOptions } from "../../client/escrow/escrow-terms.ts";
import { parsePredicate } from "../../client/escrow/predicate-text.ts";
import { describeTerms, formatDuration, fromEscrowTerms } from "../../client/escrow/terms-text.ts";
import { countOf } from "../../count-of.ts";
import { hasEncryptionKey } from "../device/encryption-key-file.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addAmountsUnits, unitsOf } from "../money/token-option.ts";
import { type CommandActor, requireBalance } from "../operation/act.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseAddressHex, parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { parseDuration } from "../options/parse-duration.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EscrowActError } from "./escrow-act.ts";

/** Adds the options of `escrow open` and `escrow intent`; each default stands in the help. */
export const addTermsOptions = shareOptions((command) =>
  command
    .option("--units <n>", "pulls or sessions, after which it is over", parseWhole(1, UNITS_MAX), 1)
    .option("--delivery-time <time>", "from one unit to the next, at most", ...timeOf("1d"))
    .option("--answer-time <time>", "for your answer; silence accepts", ...timeOf("1h"))
    .option("--arbiter <address>", "decides what you reject (default: nobody)", parseAddressHex)
    .option("--arbitration-time <time>", "for the arbiter", ...timeOf("7d"))
    .option(
      "--auto-fill <amount>",
      "draw up to this from your balance when it runs low (default: 0)",
    )
    .option("--session <time>", "length of a session", ...timeOf("60s"))
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
    .flag("--no-renew", "end with the first session (default: the next one starts by itself)")
    .option(
      "--predicate <text>",
      'let the machine judge the readings: "temperature in [25, 43)" (default: the buyer answers)',
    ),
);
type TermsOptions = OptionsIn<typeof addTermsOptions>;

/** How a time is read, and its default as people write it. */
export const timeOf = (unlessTold: string) =>
  [parseDuration, parseDuration(unlessTold), unlessTold] as const;

/**
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

function parseRatio(text: string): number {
  const ratio = /^(0(\.\d{1,4})?|1(\.0{1,4})?)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(Math.round(ratio * BASIS_POINTS))) return ratio;
  throw new InvalidArgumentError("Give a share from 0 to 1 with at most four decimals.");
}

/** Adds the terms of an escrow on a service, and how its command line is meant. */
export const addOpeningOptions = shareOptions((command) =>
  command
    .with(addTermsOptions)
    .option("--service-version <n>", "refuse any other (default: the current one)", parseIndex)
    .with(addAmountsUnits),
);
type OpeningOptions = OptionsIn<typeof addOpeningOptions>;

/** An escrow about to be opened on a service. */
export type EscrowOpening = Awaited<ReturnType<typeof prepareOpening>>;

/**
 * @param text The amount, as it was typed.
 * @throws EscrowActError where the amount does not pay one unit, BalanceTooLow.
 */
export async function prepareOpening(
  online: CommandActor & { readonly options: OpeningOptions },
  service: ServiceInfo,
  text: string,
) {
  const { client, options, terminal } = online;
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
  tellOpeningTerms(terms, service, amount, units, terminal);
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
 * The terms of an escrow about to be opened on a service, and what its money pays, said before it is
 * signed: whoever left an option away reads here what that means.
 */
function tellOpeningTerms(
  terms: EscrowTerms,
  { mode, price }: ServiceInfo,
  amount: bigint,
  units: TokenUnits,
  terminal: Terminal,
): void {
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
export function tellIntentTerms(
  intent: BodyOf<"open_intent">,
  units: TokenUnits,
  terminal: Terminal,
): void {
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
