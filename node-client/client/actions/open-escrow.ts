import { hexToBytes } from "viem";
import { formatEct, formatEscrowId } from "../../../spec/escrow-id.ts";
import type { EscrowKind } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { type EscrowTermsOptions, toEscrowTerms } from "../escrow/escrow-terms.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface OpenEscrowOptions extends ApplyOptions, EscrowTermsOptions {
  readonly serviceId: number;
  /** The service's current version: named, so that no price surprises. */
  readonly version: number;
  /** Base units from the balance, at least one unit's price. */
  readonly amount: bigint;
}

export interface OpenEscrowResult extends AppliedAt {
  readonly escrowId: EscrowIdText;
  readonly ect: string;
  readonly buyer: Hex;
  readonly serviceId: number;
  readonly version: number;
  readonly price: bigint;
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
export async function openEscrow(
  client: TallyrollClient,
  { serviceId, version, amount, ...options }: OpenEscrowOptions,
): Promise<OpenEscrowResult> {
  const terms = toEscrowTerms(options);
  const body = { kind: "open_escrow", serviceId, version, amount, terms } as const;
  const { at, fields } = await applyOperation(client, body, "EscrowOpened", options);
  const { buyer, price } = fields;
  return { ...at, ...nameEscrow("standard", fields), buyer, serviceId, version, price, amount };
}

/** The texts by which an opened escrow goes. */
export const nameEscrow = (
  kind: EscrowKind,
  { escrowId, ect }: { readonly escrowId: Hex; readonly ect: Hex },
): { readonly escrowId: EscrowIdText; readonly ect: string } => ({
  escrowId: formatEscrowId(kind, hexToBytes(escrowId)) as EscrowIdText,
  ect: formatEct(hexToBytes(ect)),
});
