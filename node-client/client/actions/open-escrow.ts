import { hexToBytes } from "viem";
import { formatEct } from "../../../spec/escrow-id.ts";
import type { EscrowKind } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
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
