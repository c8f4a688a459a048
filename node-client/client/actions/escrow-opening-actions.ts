import { hexToBytes } from "viem";
import { formatEct } from "../../../spec/escrow-id.ts";
import type { EscrowKind } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { type EscrowIdText, toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import { type EscrowTermsOptions, toEscrowTerms } from "../escrow/escrow-terms.ts";
import { defineAction, readOwn } from "./define-action.ts";

export interface OpenEscrowOptions extends EscrowTermsOptions {
  readonly serviceId: number;
  /** The service's current version: named, so that no price surprises. */
  readonly version: number;
  /** Base units from the balance, at least one unit's price. */
  readonly amount: bigint;
}

/**
 * Opens a standard escrow: money for units of one service.
 *
 * @throws OperationRefused: service_…, escrow_terms_invalid, escrow_parties_equal,
 * escrow_amount_under_price, escrow_predicate_…, balance_too_low.
 * @example
 * const { escrowId } = await openEscrow(client, {
 *   serviceId: 1, version: 1, amount: 3_000n, unitCount: 3,
 * });
 */
export const openEscrow = defineAction({
  body: ({ serviceId, version, amount, ...terms }: OpenEscrowOptions) => ({
    kind: "open_escrow",
    ...{ serviceId, version, amount, terms: toEscrowTerms(terms) },
  }),
  read: (told) => nameEscrow("standard", readOwn("open_escrow", told)),
});

/** An opened escrow, with the texts by which it goes. */
export const nameEscrow = <Fields extends { readonly escrowId: Hex; readonly ect: Hex }>(
  kind: EscrowKind,
  fields: Fields,
): Omit<Fields, "escrowId" | "ect"> & {
  readonly escrowId: EscrowIdText;
  readonly ect: string;
} => ({
  ...fields,
  escrowId: `${kind}:${fields.escrowId}`,
  ect: formatEct(hexToBytes(fields.ect)),
});

export interface OpenEscrowIntentOptions extends EscrowTermsOptions {
  readonly tag: string;
  readonly mode: DeliveryMode;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units: the most that a unit may cost. */
  readonly ceiling: bigint;
  /** Base units from the balance, at least the ceiling. */
  readonly amount: bigint;
  /** How long it waits for a provider; a day by default. */
  readonly acceptTimeSec?: number;
  /** Who may take it; anybody by default. */
  readonly providers?: readonly Hex[];
}

const DAY_SEC = 86_400;

/**
 * Opens an intent: money for units of whichever fitting service takes it first.
 *
 * @throws OperationRefused: slug_invalid, service_price_zero, escrow_parties_equal,
 * escrow_terms_invalid, escrow_amount_under_price, balance_too_low.
 * @example
 * const { escrowId } = await openEscrowIntent(client, {
 *   tag: "weather", mode: "pull", token: ETHER, ceiling: 1_000n, amount: 3_000n, unitCount: 3,
 * });
 */
export const openEscrowIntent = defineAction({
  body: ({ tag, mode, token, ceiling, amount, ...options }: OpenEscrowIntentOptions) => ({
    kind: "open_intent",
    ...{ tag, mode, token: hexToBytes(token), ceiling, amount },
    acceptTimeSec: options.acceptTimeSec ?? DAY_SEC,
    providers: (options.providers ?? []).map((provider) => hexToBytes(provider)),
    terms: toEscrowTerms(options),
  }),
  read: (told) => nameEscrow("intent", readOwn("open_intent", told)),
});

export interface AcceptEscrowIntentOptions {
  readonly escrowId: EscrowIdText;
  /** A service of the account. */
  readonly serviceId: number;
  /** The version that was current when the intent was opened. */
  readonly version: number;
}

/**
 * Takes an intent: the first provider who does, at their service's price.
 *
 * @throws OperationRefused: escrow_…, service_…, intent_….
 * @example
 * await acceptEscrowIntent(providerClient, { escrowId, serviceId: 1, version: 1 });
 */
export const acceptEscrowIntent = defineAction({
  body: ({ escrowId, serviceId, version }: AcceptEscrowIntentOptions) => ({
    kind: "accept_intent",
    ...{ escrowId: toEscrowIdBytes(escrowId), serviceId, version },
  }),
  read: (told) => {
    const { escrowId, ...fields } = readOwn("accept_intent", told);
    return { escrowId: `intent:${escrowId}` satisfies EscrowIdText, ...fields };
  },
});
