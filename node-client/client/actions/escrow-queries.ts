import type { EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import type { QueryPageOptions } from "./ask-query.ts";
import { listOutputs } from "./node-outputs.ts";
import { type ListAction, listAction, type QueryAction, queryAction } from "./query-action.ts";
import { unlessNotFound } from "./query-refused.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type EscrowInfo = InfoOf<"escrow">;
/** What never changes of an escrow. */
export type EscrowTermsInfo = EscrowInfo["terms"];

interface GetEscrowOptions {
  readonly escrowId: EscrowIdText;
  /** Block time to say what is `due`; not asked unless given. */
  readonly nowSec?: number;
}

/**
 * One escrow with its terms.
 *
 * @example
 * const { status, unit, held } = await getEscrow(client, { escrowId: "standard:0x…" });
 */
export const getEscrow: QueryAction<GetEscrowOptions, EscrowInfo> = queryAction("escrow");

/** Whose escrows, on which side, and perhaps of one status only. */
export type ListEscrowsOptions = QueryPageOptions & {
  readonly status?: EscrowStatus;
} & ({ readonly buyer: Hex } | { readonly provider: Hex });

/**
 * The escrows of a buyer or a provider, the oldest first, all pages.
 *
 * @example
 * for await (const { escrowId, held } of listEscrows(client, { buyer, status: "delivered" })) { … }
 */
export const listEscrows: ListAction<ListEscrowsOptions, EscrowInfo> = listAction("escrows");

export type ListEscrowIntentsOptions = QueryPageOptions & { readonly tag: string };

/**
 * The intents of a tag that wait for a provider, the oldest first, all pages.
 *
 * @example
 * for await (const { escrowId, terms } of listEscrowIntents(client, { tag: "weather" })) { … }
 */
export const listEscrowIntents: ListAction<ListEscrowIntentsOptions, EscrowInfo> = listAction(
  "intents",
  "escrows",
);

/**
 * The disputes that wait for an arbiter, the newest first. The state lists escrows by buyer and
 * provider only, so all notices are looked at for those that name the arbiter.
 *
 * @throws What `inspectApplication` and `requestNode` throw.
 * @example
 * for await (const { escrowId, deadlineSec } of listDisputes(client, { arbiter })) { … }
 */
export async function* listDisputes(
  client: TallyrollClient,
  { arbiter }: { readonly arbiter: Hex },
): AsyncGenerator<EscrowInfo, void> {
  const seen = new Set<Hex>();
  for await (const output of listOutputs(client, { kind: "notice", descending: true })) {
    if (output.kind !== "notice" || output.notice?.name !== "UnitDisputed") continue;
    const { escrowId, arbiter: named } = output.notice.args;
    if (named.toLowerCase() !== arbiter.toLowerCase() || seen.has(escrowId)) continue;
    // An escrow is disputed once at most: the arbiter's word ends it.
    seen.add(escrowId);
    const escrow = await findEscrow(client, escrowId);
    if (escrow.status === "disputed") yield escrow;
  }
}

/** A notice does not say whether its escrow began as an intent. */
async function findEscrow(client: TallyrollClient, id: Hex): Promise<EscrowInfo> {
  const asked = getEscrow(client, { escrowId: `standard:${id}` as EscrowIdText });
  return (
    (await unlessNotFound(asked, "escrow_not_found")) ??
    (await getEscrow(client, { escrowId: `intent:${id}` as EscrowIdText }))
  );
}
