import type { InfoOf } from "../../../spec/queries.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type EscrowInfo = InfoOf<"escrow">;
/** What never changes of an escrow. */
export type EscrowTermsInfo = EscrowInfo["terms"];

/**
 * One escrow with its terms.
 *
 * @param options.nowSec Block time to say what is `due`; not asked unless given.
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { status, unit, held } = await getEscrow(client, { escrowId: "standard:0x…" });
 */
export function getEscrow(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly escrowId: EscrowIdText; readonly nowSec?: number },
): Promise<EscrowInfo> {
  return askQuery(client, "escrow", options);
}
