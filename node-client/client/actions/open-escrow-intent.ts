import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { type EscrowTermsOptions, toEscrowTerms } from "../escrow/escrow-terms.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import { nameEscrow } from "./open-escrow.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface OpenEscrowIntentOptions extends ApplyOptions, EscrowTermsOptions {
  readonly tag: string;
  readonly mode: DeliveryMode;
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units: the most that a unit may cost. */
  readonly ceiling: bigint;
  /** Base units from the balance, at least the ceiling. */
  readonly amount: bigint;
  /** How long it waits for a provider; a day unless told. */
  readonly acceptTimeSec?: number;
  /** Who may take it; anybody unless told. */
  readonly providers?: readonly Hex[];
}

export interface OpenEscrowIntentResult extends AppliedAt {
  readonly escrowId: EscrowIdText;
  readonly ect: string;
  readonly buyer: Hex;
  readonly tag: string;
  readonly ceiling: bigint;
  readonly amount: bigint;
}

const DAY_SEC = 86_400;

/**
 * Opens an intent: money for units of whichever fitting service takes it first.
 *
 * @throws OperationRefused: slug_invalid, service_price_zero, escrow_parties_equal,
 * escrow_terms_invalid, escrow_amount_under_price, balance_too_low.
 * @example
 * const { escrowId } = await openEscrowIntent(client, {
 *   tag: "weather", mode: "pull", token: zeroAddress, ceiling: 1_000n, amount: 3_000n, unitCount: 3,
 * });
 */
export async function openEscrowIntent(
  client: TallyrollClient,
  { tag, mode, token, ceiling, amount, ...options }: OpenEscrowIntentOptions,
): Promise<OpenEscrowIntentResult> {
  const body = {
    kind: "open_intent",
    ...{ tag, mode, token: hexToBytes(token), ceiling, amount },
    acceptTimeSec: options.acceptTimeSec ?? DAY_SEC,
    providers: (options.providers ?? []).map((provider) => hexToBytes(provider)),
    terms: toEscrowTerms(options),
  } as const;
  const { at, fields } = await applyOperation(client, body, "IntentOpened", options);
  return { ...at, ...nameEscrow("intent", fields), buyer: fields.buyer, tag, ceiling, amount };
}
