import { setTimeout as sleep } from "node:timers/promises";
import { OPEN_ESCROW_STATUSES } from "../../../spec/escrow-operations.ts";
import type { Metric } from "../../../spec/readings.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import { acceptEscrowUnit } from "../../client/actions/escrow-actions.ts";
import {
  type EscrowInfo,
  type EscrowUnit,
  getEscrow,
  listEscrowUnits,
} from "../../client/actions/escrow-queries.ts";
import { isOutOfReach } from "../../client/actions/node-errors.ts";
import { readSealedStream, StreamNotGranted } from "../../client/actions/read-sealed-stream.ts";
import type { ServiceInfo } from "../../client/actions/service-queries.ts";
import { getBatch, listReadings } from "../../client/actions/stream-queries.ts";
import { listReadings as listUnsealed } from "../../client/buyer/read-sealed.ts";
import type { EscrowIdText } from "../../client/escrow/escrow-id-text.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount } from "../money/token-amounts.ts";
import { formatTime, type ReadingInWords } from "../terminal/format-csv.ts";
import { errorKind } from "../terminal/io.ts";
import type { EscrowOpening } from "./escrow-opening.ts";

const PurchaseIncomplete = errorKind("PurchaseIncomplete");

/** A unit that was delivered with a batch. */
type DeliveredUnit = EscrowUnit & { readonly batchId: number };

/** A unit that came. */
interface BoughtUnit {
  readonly unit: number;
  readonly batchId: number;
  readonly readings: number;
  readonly outcome: EscrowUnit["outcome"];
  /** Base units. */
  readonly amount: bigint;
  /** When silence accepts it, in Unix seconds; absent of one that is settled. */
  readonly answerUntilSec?: number;
}

interface AwaitedUnits {
  readonly online: OnlineActor;
  readonly escrowId: EscrowIdText;
  readonly service: ServiceInfo;
  readonly opening: EscrowOpening;
  /** Prints a batch once all of it has passed, and gives how many readings it has. */
  readonly read: (batchId: number) => Promise<number>;
  readonly signal: AbortSignal;
  /** Whether each is paid as soon as it is read. */
  readonly accept: boolean;
  readonly intervalMs: number;
}

/** Waits for each unit that the escrow's money pays, reads it and says what comes of it. */
export async function awaitUnits(awaited: AwaitedUnits): Promise<readonly BoughtUnit[]> {
  const { online, escrowId, signal, accept, intervalMs } = awaited;
  const { client, terminal } = online;
  const wanted = countPayable(awaited);
  const bought: BoughtUnit[] = [];
  // Readings by unit: a unit whose acceptance has to be tried again is not printed again.
  const counts = new Map<number, number>();
  let isAway = false;
  for (;;) {
    try {
      const escrow = await getEscrow(client, { escrowId });
      for (const unit of await listNew(awaited, escrow, bought)) {
        const readings = counts.get(unit.unit) ?? (await readOrTell(awaited, escrow, unit));
        counts.set(unit.unit, readings);
        const paid = accept && unit.outcome === "open";
        if (paid) await acceptEscrowUnit(client, { escrowId, unit: unit.unit });
        const one = toBought(awaited, escrow, paid ? { ...unit, outcome: "paid" } : unit, readings);
        bought.push(one);
        tellUnit(awaited, one, wanted);
      }
      if (bought.length >= wanted || terminal.isClosed) return bought;
      await requireMore(awaited, escrow, bought.length, wanted);
      isAway = false;
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      if (!isAway) terminal.note("Node or chain do not answer; they are asked again.");
      isAway = true;
    }
    if (signal.aborted) throw incomplete(awaited, "Interrupted", bought.length, wanted);
    // The wait ends early where it is interrupted.
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** Units that the money pays; with auto-fill, all of them. */
function countPayable({ opening: { fields, terms, service } }: AwaitedUnits): number {
  const payable = fields.amount / service.price;
  const isAll = terms.autoFillLimit > 0n || payable > BigInt(terms.unitCount);
  return isAll ? terms.unitCount : Number(payable);
}

/** Delivered units that were not read yet: the next one, and what was settled since the last look. */
async function listNew(
  { online: { client }, escrowId }: AwaitedUnits,
  { unit, status }: EscrowInfo,
  bought: readonly BoughtUnit[],
): Promise<DeliveredUnit[]> {
  const lastKnown = status === "delivered" ? unit : unit - 1;
  const after = bought.at(-1)?.unit ?? 0;
  if (lastKnown <= after) return [];
  const units = await listEscrowUnits(client, { escrowId });
  return units.filter((one): one is DeliveredUnit => one.unit > after && one.batchId !== undefined);
}

/** What cannot be read is not accepted: how to reject it is said before the fault. */
async function readOrTell(
  { read, online: { terminal }, escrowId }: AwaitedUnits,
  escrow: EscrowInfo,
  { unit, batchId, outcome }: DeliveredUnit,
): Promise<number> {
  try {
    return await read(batchId);
  } catch (error) {
    if (outcome === "open" && error instanceof ClientError && !isOutOfReach(error)) {
      terminal.note(
        `Unit ${unit} of ${escrowId}, batch ${batchId}, cannot be read, and is not accepted` +
          `${describeSilence(escrow)}. Reject it with \`tallyroll escrow reject ${escrowId}\`, after a ` +
          `challenge with --batch ${batchId}.`,
      );
    }
    throw error;
  }
}

const describeSilence = ({ deadlineSec }: EscrowInfo): string =>
  deadlineSec === undefined ? "" : `; silence accepts it at ${formatTime(deadlineSec)}`;

function toBought(
  { service }: AwaitedUnits,
  { deadlineSec }: EscrowInfo,
  { unit, batchId, outcome, amount }: DeliveredUnit,
  readings: number,
): BoughtUnit {
  const isOpen = outcome === "open" && deadlineSec !== undefined;
  return {
    ...{ unit, batchId, readings, outcome, amount: amount ?? service.price },
    ...(isOpen ? { answerUntilSec: deadlineSec } : {}),
  };
}

function tellUnit(
  { escrowId, opening: { units }, service, online: { terminal } }: AwaitedUnits,
  { unit, batchId, readings, outcome, amount, answerUntilSec }: BoughtUnit,
  wanted: number,
): void {
  const what =
    `Unit ${unit} of ${wanted}, batch ${batchId}: ${countOf(readings, "reading")} for ` +
    formatAmount(amount, units);
  if (outcome === "paid") terminal.note(`${what}, paid to ${service.paymentAddress}.`);
  else if (outcome === "refunded") terminal.note(`${what}, which came back to you.`);
  else {
    const until = answerUntilSec === undefined ? "" : ` at ${formatTime(answerUntilSec)}`;
    terminal.note(
      `${what}; silence accepts it${until}. Accept it with \`tallyroll escrow accept ${escrowId}\`, ` +
        `or reject it with \`tallyroll escrow reject ${escrowId}\`.`,
    );
  }
}

/** Whether there is something left to wait for. */
async function requireMore(
  awaited: AwaitedUnits,
  { status, deadlineSec, terms }: EscrowInfo,
  boughtCount: number,
  wanted: number,
): Promise<void> {
  if (!OPEN_ESCROW_STATUSES.some((open) => open === status)) {
    throw incomplete(awaited, `The escrow is closed as ${status}`, boughtCount, wanted);
  }
  if (deadlineSec === undefined) return;
  // A unit that silence accepts leaves the next one its own delivery time.
  const isAnswered = status === "delivered";
  const untilSec = deadlineSec + (isAnswered ? terms.deliveryTimeSec : 0);
  awaited.online.terminal.progress(
    () => `waiting for unit ${boughtCount + 1} of ${wanted}, until ${formatTime(untilSec)}`,
  );
  const { client } = awaited.online;
  const { timestamp } = await callChain(client, "read the chain's head", () =>
    client.publicClient.getBlock(),
  );
  if (Number(timestamp) <= untilSec && Date.now() / 1_000 <= untilSec) return;
  throw incomplete(
    awaited,
    `Nothing more was delivered by ${formatTime(untilSec)}`,
    boughtCount,
    wanted,
    `Take back what it holds with \`tallyroll escrow poke ${awaited.escrowId}\`.`,
  );
}

function incomplete(
  { escrowId, service }: AwaitedUnits,
  why: string,
  boughtCount: number,
  wanted: number,
  whatToDo?: string,
): ClientError {
  const { streamId, groups } = service;
  const read =
    groups === 0
      ? `\`tallyroll stream readings ${streamId}\``
      : `\`tallyroll stream read ${streamId}\``;
  return new PurchaseIncomplete(
    `${why}: ${boughtCount} of ${countOf(wanted, "unit")} came; ${escrowId} is left as it is.`,
    {
      whatToDo:
        whatToDo ??
        `See it with \`tallyroll escrow units ${escrowId}\`, read with ${read}, and answer with ` +
          `\`tallyroll escrow accept ${escrowId}\` or \`tallyroll escrow reject ${escrowId}\`.`,
    },
  );
}

/**
 * The readings of a delivered batch; those of a sealed one are checked.
 *
 * @param secret Of the buyer's encryption key; none for an open stream.
 */
export async function readDelivery(
  { client, address: account }: OnlineActor,
  metrics: readonly Metric[],
  secret: Uint8Array | undefined,
  batchId: number,
): Promise<readonly ReadingInWords[]> {
  const { streamId, firstSequence: fromSequence } = await getBatch(client, { batchId });
  if (secret === undefined) {
    const readings: ReadingInWords[] = [];
    for await (const reading of listReadings(client, { streamId, fromSequence })) {
      if (reading.batchId !== batchId) break;
      readings.push(reading);
    }
    return readings;
  }
  const buyer = { account, secret };
  for await (const batch of readSealedStream(client, { streamId, fromSequence, buyer })) {
    if (batch.batchId !== batchId) break;
    return listUnsealed(batch, metrics);
  }
  throw new StreamNotGranted(streamId, account);
}
