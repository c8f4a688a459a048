import type { EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Predicate } from "../../../spec/predicate.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { StoredBatch } from "../buyer/read-sealed.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { countJudged, type JudgedReadings, type SessionTime } from "../escrow/judged-readings.ts";
import type { QueryPageOptions } from "./ask-query.ts";
import { listOutputs } from "./node-outputs.ts";
import { type ListAction, listAction, type QueryAction, queryAction } from "./query-action.ts";
import { unlessNotFound } from "./query-refused.ts";
import { getService } from "./service-queries.ts";
import { getBatch, getStream, listBatches, type StreamInfo } from "./stream-queries.ts";
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
  const { terms, startedAtSec, fromSequence } = escrow;
  if (batchId === undefined && startedAtSec === undefined) return undefined;
  const judged = await findJudgedStream(client, escrow);
  if (judged === undefined) return undefined;
  const { predicate, streamId, metrics } = judged;
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

/** What the machine judges an escrow's readings by; `undefined` where it judges none. */
async function findJudgedStream(
  client: TallyrollClient,
  { serviceId, version, terms }: Pick<EscrowInfo, "serviceId" | "version" | "terms">,
): Promise<(StreamInfo & { readonly predicate: Predicate }) | undefined> {
  const { predicate } = terms;
  if (predicate === undefined || serviceId === undefined || version === undefined) return undefined;
  const { streamId } = await getService(client, { serviceId, version });
  if (streamId === undefined) return undefined;
  return { ...(await getStream(client, { streamId })), predicate };
}

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
  escrow: EscrowInfo,
  submissions: readonly PlacedNotice[],
): Promise<(pending: Pending, before: number) => Promise<JudgedReadings | undefined>> {
  const judged = await findJudgedStream(client, escrow);
  if (judged === undefined) return async () => undefined;
  const { predicate, streamId, metrics } = judged;
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
    for (const one of batchIds) {
      const asked = getBatch(client, { batchId: one });
      const batch = await unlessNotFound(asked, "batch_not_found");
      // What is archived was counted then, and cannot be counted again.
      if (batch === undefined || batch.isArchived) return undefined;
      batches.push(batch);
    }
    return countJudged(predicate, metrics, batches, session);
  };
}
