import type { EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type EscrowAnswer, type EscrowInfo, fromEscrowAnswer } from "./get-escrow.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Whose escrows, on which side, and perhaps of one status only. */
export type ListEscrowsOptions = QueryPageOptions & {
  readonly status?: EscrowStatus;
} & ({ readonly buyer: Hex } | { readonly provider: Hex });

interface EscrowsAnswer {
  readonly escrows: readonly EscrowAnswer[];
  readonly next: number | null;
}

/**
 * The escrows of a buyer or a provider, the oldest first, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { escrowId, held } of listEscrows(client, { buyer, status: "delivered" })) { … }
 */
export async function* listEscrows(
  client: Pick<TallyrollClient, "inspect">,
  { status, pageSize, ...side }: ListEscrowsOptions,
): AsyncGenerator<EscrowInfo, void> {
  const party = "buyer" in side ? { buyer: side.buyer } : { provider: side.provider };
  const query = { query: "escrows", ...party, ...(status === undefined ? {} : { status }) };
  const size = pageSize === undefined ? {} : { pageSize };
  for await (const { escrows } of readQueryPages<EscrowsAnswer>(client, query, "after", size)) {
    yield* escrows.map(fromEscrowAnswer);
  }
}
