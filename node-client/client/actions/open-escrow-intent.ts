import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { type EscrowTermsOptions, toEscrowTerms } from "../escrow/escrow-terms.ts";
import { defineAction, readOwn } from "./define-action.ts";
import { nameEscrow } from "./open-escrow.ts";

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
