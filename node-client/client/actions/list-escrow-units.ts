import type { Hex } from "../../../spec/outputs.ts";
import type { StoredBatch } from "../buyer/from-answers.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { countJudged, type JudgedReadings, type SessionTime } from "../escrow/judged-readings.ts";
import { getBatch } from "./get-batch.ts";
import { type EscrowInfo, getEscrow } from "./get-escrow.ts";
import { getService } from "./get-service.ts";
import { getStream } from "./get-stream.ts";
import { listOutputs } from "./list-outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What became of one unit of an escrow. */
export interface EscrowUnit {
  /** From 1. */
  readonly unit: number;
  /** The input that settled it; absent of one that is not settled. */
  readonly inputIndex?: number;
  readonly outcome: "paid" | "refunded" | "open";
  /** Base units that it brought the provider or gave back to the buyer. */
  readonly amount?: bigint;
  /** The delivered batch; absent of sessions, receipts and data off the machine. */
  readonly batchId?: number;
  readonly session?: SessionTime;
  /** How the predicate found its readings. */
  readonly judged?: JudgedReadings;
}

/** A notice with its place among all outputs. */
interface PlacedNotice {
  readonly outputIndex: number;
  readonly inputIndex: number;
  readonly notice: Notice;
}

/** What is known of a unit before it is settled. */
type Pending = Pick<EscrowUnit, "batchId" | "session"> & { readonly since?: number };

/**
 * The units of an escrow in their order, from the notices since its opening: the state itself keeps
 * how many were paid and refunded, not which.
 *
 * @throws QueryRefused where there is no such escrow, and what `requestNode` throws.
 * @example
 * for (const { unit, outcome, judged } of await listEscrowUnits(client, { escrowId })) { … }
 */
export async function listEscrowUnits(
  client: TallyrollClient,
  { escrowId }: { readonly escrowId: EscrowIdText },
): Promise<readonly EscrowUnit[]> {
  const escrow = await getEscrow(client, { escrowId });
  const id = escrowId.slice(escrowId.indexOf(":") + 1) as Hex;
  const [own, submissions] = await readNotices(client, id);
  const judge = await openJudge(client, escrow, submissions);
  const units: EscrowUnit[] = [];
  let pending: Pending = {};
  for (const { notice, outputIndex, inputIndex } of own) {
    if (notice.name === "UnitDelivered") {
      const batchId = Number(notice.args.batchId);
      pending = batchId === 0 ? {} : { batchId };
    } else if (notice.name === "SessionStarted") {
      const startedAtSec = Number(notice.args.startedAt);
      const session = { startedAtSec, endsAtSec: Number(notice.args.endsAt) };
      pending = { session, since: outputIndex };
    } else if (notice.name === "UnitsReleased" || notice.name === "UnitRefunded") {
      const isPaid = notice.name === "UnitsReleased";
      const first = Number(isPaid ? notice.args.firstUnit : notice.args.unit);
      const count = isPaid ? Number(notice.args.count) : 1;
      const judged = await judge(pending, outputIndex);
      const { since: _, ...known } = pending;
      for (let i = 0; i < count; i++) {
        units.push({
          ...{ unit: first + i, inputIndex, outcome: isPaid ? "paid" : "refunded" },
          amount: notice.args.amount / BigInt(count),
          // A receipt accepts several at once: what was delivered is the first of them.
          ...(i === 0 ? known : {}),
          ...(judged === undefined ? {} : { judged }),
        });
      }
      pending = {};
    }
  }
  const isOutstanding = pending.batchId !== undefined || pending.session !== undefined;
  if (!isOutstanding) return units;
  const { since: _, ...known } = pending;
  const judged = await judge(pending, Number.POSITIVE_INFINITY);
  const open = { unit: escrow.unit, outcome: "open", ...known } as const;
  return [...units, { ...open, ...(judged === undefined ? {} : { judged }) }];
}

/** An escrow's own notices and all accepted batches since its opening, both in their order. */
async function readNotices(
  client: TallyrollClient,
  id: Hex,
): Promise<readonly [own: PlacedNotice[], submissions: PlacedNotice[]]> {
  const own: PlacedNotice[] = [];
  const submissions: PlacedNotice[] = [];
  for await (const output of listOutputs(client, { kind: "notice", descending: true })) {
    if (output.kind !== "notice" || output.notice === undefined) continue;
    const { notice, outputIndex, inputIndex } = output;
    if (notice.name === "SubmissionAccepted") submissions.push({ notice, outputIndex, inputIndex });
    if (!("escrowId" in notice.args) || notice.args.escrowId !== id) continue;
    own.push({ notice, outputIndex, inputIndex });
    if (notice.name === "EscrowOpened" || notice.name === "IntentOpened") break;
  }
  return [own.reverse(), submissions.reverse()];
}

/** Counts a unit's readings as of the output that settled it; nothing where nothing is judged. */
async function openJudge(
  client: TallyrollClient,
  { terms, serviceId, version }: EscrowInfo,
  submissions: readonly PlacedNotice[],
): Promise<(pending: Pending, before: number) => Promise<JudgedReadings | undefined>> {
  const { predicate } = terms;
  const nothing = async (): Promise<undefined> => undefined;
  if (predicate === undefined || serviceId === undefined || version === undefined) return nothing;
  const { streamId } = await getService(client, { serviceId, version });
  if (streamId === undefined) return nothing;
  const { metrics } = await getStream(client, { streamId });
  return async ({ batchId, session, since = 0 }, before) => {
    if (batchId === undefined && session === undefined) return undefined;
    const batchIds =
      batchId === undefined
        ? submissions.flatMap(({ notice, outputIndex }) =>
            notice.name === "SubmissionAccepted" &&
            Number(notice.args.streamId) === streamId &&
            outputIndex > since &&
            outputIndex < before
              ? [Number(notice.args.batchId)]
              : [],
          )
        : [batchId];
    const batches: StoredBatch[] = [];
    for (const one of batchIds) batches.push(await getBatch(client, { batchId: one }));
    return countJudged(predicate, metrics, batches, session);
  };
}
