import { listGroups } from "../../../spec/grant-keys.ts";
import type { EscrowInfo } from "../../client/actions/escrow-queries.ts";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import {
  getBatch,
  getStream,
  listBatches,
  listGrants,
  type StreamInfo,
} from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { StoredBatch } from "../../client/buyer/read-sealed.ts";
import { collect } from "../terminal/io.ts";

/** How many batches are looked at, from the newest back. */
const LOOKED_AT_MAX = 32;

/** Why a batch cannot be delivered. */
interface Bar {
  readonly why: string;
  /** What grants what is missing, as a hint; `undefined` where that is not the reason. */
  readonly grant?: string;
}

/**
 * The batches that a pull escrow's next unit can be delivered with (spec §12.5), of the newest 32.
 *
 * @param streamId What the escrow's service sells.
 * @param nowSec Block time: a grant has to outlast the buyer's answer.
 */
export async function findDeliverable(
  client: TallyrollClient,
  escrow: EscrowInfo,
  streamId: number,
  groups: number,
  nowSec: number,
) {
  const stream = await getStream(client, { streamId });
  const newest = await listNewest(client, stream);
  const { buyer, terms } = escrow;
  const grants = groups === 0 ? [] : await collect(listGrants(client, { buyer }));
  const isGranted = (epoch: number): boolean =>
    groups === 0 ||
    grants.some((grant) => {
      const isOf = grant.streamId === streamId && grant.epoch === epoch && !grant.isRevoked;
      const isWhole = (grant.groups & groups) === groups;
      return isOf && isWhole && grant.expiresAtSec > nowSec + terms.answerTimeSec;
    });
  // Newest first.
  const batchIds: number[] = [];
  // The newest that cannot be, and why; `undefined` where all can, or there is none.
  let barred: (Bar & { readonly batchId: number }) | undefined;
  for (const batch of newest) {
    const hint = hintGrant(stream, buyer, batch.epoch, groups);
    const bar = findBar(escrow, batch, isGranted(batch.epoch), hint);
    if (bar === undefined) batchIds.push(batch.batchId);
    else barred ??= { batchId: batch.batchId, ...bar };
  }
  return { batchIds, barred };
}

function findBar(
  { lastBatchId, paidUnits, refundedUnits, buyer }: EscrowInfo,
  { batchId, epoch, isArchived, disprovedGroup }: StoredBatch,
  isGranted: boolean,
  grant: string,
): Bar | undefined {
  if (batchId <= lastBatchId) {
    const since =
      paidUnits + refundedUnits === 0 ? "the escrow began" : "its last unit was settled";
    return { why: `what was there when ${since} (up to batch ${lastBatchId}) is not sold` };
  }
  if (isArchived) return { why: "its body has left the state" };
  if (disprovedGroup !== null) return { why: "a challenge has proved it false" };
  if (isGranted) return undefined;
  const why = `${buyer} has no grant over its epoch ${epoch} that outlasts the answer time`;
  return { why, grant };
}

/** Gives the buyer what is sold of an epoch, and no more. */
function hintGrant(
  { streamId, epoch: current, groupCount }: StreamInfo,
  buyer: string,
  epoch: number,
  groups: number,
): string {
  const sold = listGroups(groups);
  const some = sold.length < groupCount ? ` --groups ${sold.join(",")}` : "";
  const of = epoch === current ? "" : ` --epoch ${epoch}`;
  return `\`tallyroll grant give ${streamId} ${buyer}${some}${of}\``;
}

/** A stream's newest batches, newest first. Sequences may have gaps: then all are listed. */
async function listNewest(
  client: TallyrollClient,
  { streamId, nextSequence }: StreamInfo,
): Promise<StoredBatch[]> {
  const newest: StoredBatch[] = [];
  let sequence = nextSequence - 1;
  while (sequence >= 0 && newest.length < LOOKED_AT_MAX) {
    const asked = getBatch(client, { streamId, sequence });
    const batch = await unlessNotFound(asked, "reading_not_found");
    if (batch === undefined) {
      const all = await collect(listBatches(client, { streamId }));
      return all.reverse().slice(0, LOOKED_AT_MAX);
    }
    newest.push(batch);
    sequence = batch.firstSequence - 1;
  }
  return newest;
}
