import type { Hex } from "../../../spec/outputs.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { type EscrowInfo, getEscrow } from "./get-escrow.ts";
import { listOutputs } from "./list-outputs.ts";
import { unlessNotFound } from "./query-refused.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
