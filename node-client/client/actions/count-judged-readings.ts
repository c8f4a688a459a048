import type { StoredBatch } from "../buyer/from-answers.ts";
import { countJudged, type JudgedReadings } from "../escrow/judged-readings.ts";
import { getBatch } from "./get-batch.ts";
import type { EscrowInfo } from "./get-escrow.ts";
import { getService } from "./get-service.ts";
import { getStream } from "./get-stream.ts";
import { listBatches } from "./list-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface CountJudgedOptions {
  /** As it is, or as it was before it was judged: then it still tells its session's start. */
  readonly escrow: Pick<
    EscrowInfo,
    "serviceId" | "version" | "terms" | "startedAtSec" | "fromSequence"
  >;
  /** The delivered batch of a unit; absent for the session that runs. */
  readonly batchId?: number;
}

/**
 * How an escrow's predicate finds a delivered batch, or the session that runs, with what is in the
 * state now: what counts, what of it is valid, and what is left out and why.
 *
 * @returns `undefined` where nothing is judged: no predicate, or neither a batch nor a session.
 * @throws QueryRefused where there is no such batch, and what `inspectApplication` throws.
 * @example
 * const counts = await countJudgedReadings(client, { escrow: await getEscrow(client, { escrowId }) });
 */
export async function countJudgedReadings(
  client: TallyrollClient,
  { escrow, batchId }: CountJudgedOptions,
): Promise<JudgedReadings | undefined> {
  const { serviceId, version, terms, startedAtSec, fromSequence } = escrow;
  const { predicate } = terms;
  if (predicate === undefined || serviceId === undefined || version === undefined) return undefined;
  if (batchId === undefined && startedAtSec === undefined) return undefined;
  const { streamId } = await getService(client, { serviceId, version });
  if (streamId === undefined) return undefined;
  const { metrics } = await getStream(client, { streamId });
  if (batchId !== undefined) {
    return countJudged(predicate, metrics, [await getBatch(client, { batchId })]);
  }
  const batches: StoredBatch[] = [];
  for await (const batch of listBatches(client, { streamId, fromSequence })) {
    // The first one may have begun before the session did.
    if (batch.firstSequence >= fromSequence) batches.push(batch);
  }
  const start = startedAtSec ?? 0;
  const session = { startedAtSec: start, endsAtSec: start + terms.durationSec };
  return countJudged(predicate, metrics, batches, session);
}
