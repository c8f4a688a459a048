import type { EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { EscrowInfo } from "./get-escrow.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Whose escrows, on which side, and perhaps of one status only. */
export type ListEscrowsOptions = QueryPageOptions & {
  readonly status?: EscrowStatus;
} & ({ readonly buyer: Hex } | { readonly provider: Hex });

/**
 * The escrows of a buyer or a provider, the oldest first, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { escrowId, held } of listEscrows(client, { buyer, status: "delivered" })) { … }
 */
export function listEscrows(
  client: Pick<TallyrollClient, "inspect">,
  options: ListEscrowsOptions,
): AsyncGenerator<EscrowInfo, void> {
  return readQueryItems(client, "escrows", "escrows", options);
}
