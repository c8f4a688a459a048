import { setTimeout as sleep } from "node:timers/promises";
import { OPEN_ESCROW_STATUSES } from "../../../spec/escrow-operations.ts";
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
import { getBatch, listReadings, type StreamInfo } from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { listReadings as listUnsealed } from "../../client/buyer/read-sealed.ts";
import type { EscrowIdText } from "../../client/escrow/escrow-id-text.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount } from "../money/token-amounts.ts";
import { ReadingPrinter } from "../stream/reading-printer.ts";
import { formatTime, type ReadingInWords } from "../terminal/format-csv.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { EscrowOpening } from "./escrow-opening.ts";

/** The escrow is open, but not all that was bought came: in time, or before Ctrl-C. */
class PurchaseIncomplete extends ClientError {
  override readonly name = "PurchaseIncomplete";
}

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
  readonly client: TallyrollClient;
  readonly escrowId: EscrowIdText;
  readonly service: ServiceInfo;
  readonly opening: EscrowOpening;
  readonly reader: DeliveryReader;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Whether each is paid as soon as it is read. */
  readonly accept: boolean;
  readonly intervalMs: number;
}

/**
 * Waits for each unit that the escrow's money pays, reads it and says what comes of it.
 *
 * @throws PurchaseIncomplete where the delivery time ends, the escrow closes or the wait is
 * interrupted before; what `DeliveryReader.read` and `acceptEscrowUnit` throw.
 */
export async function awaitUnits(awaited: AwaitedUnits): Promise<readonly BoughtUnit[]> {
  const { client, escrowId, terminal, signal, accept, intervalMs } = awaited;
  const wanted = countPayable(awaited);
  const bought: BoughtUnit[] = [];
  // Readings by unit: a unit whose acceptance has to be tried again is not printed again.
  const read = new Map<number, number>();
  let isAway = false;
  for (;;) {
    try {
      const escrow = await getEscrow(client, { escrowId });
      for (const unit of await listNew(awaited, escrow, bought)) {
        const readings = read.get(unit.unit) ?? (await readOrTell(awaited, escrow, unit));
        read.set(unit.unit, readings);
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
  { client, escrowId }: AwaitedUnits,
  { unit, status }: EscrowInfo,
  bought: readonly BoughtUnit[],
): Promise<(EscrowUnit & { readonly batchId: number })[]> {
  const lastKnown = status === "delivered" ? unit : unit - 1;
  if (lastKnown <= (bought.at(-1)?.unit ?? 0)) return [];
  const units = await listEscrowUnits(client, { escrowId });
  const after = bought.at(-1)?.unit ?? 0;
  return units.flatMap((one) =>
    one.unit > after && one.batchId !== undefined ? [{ ...one, batchId: one.batchId }] : [],
  );
}

/** What cannot be read is not accepted: how to reject it is said before the fault. */
async function readOrTell(
  { reader, terminal, escrowId }: AwaitedUnits,
  escrow: EscrowInfo,
  { unit, batchId, outcome }: EscrowUnit & { readonly batchId: number },
): Promise<number> {
  try {
    return await reader.read(batchId);
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
  { unit, batchId, outcome, amount }: EscrowUnit & { readonly batchId: number },
  readings: number,
): BoughtUnit {
  const isOpen = outcome === "open" && deadlineSec !== undefined;
  return {
    ...{ unit, batchId, readings, outcome, amount: amount ?? service.price },
    ...(isOpen ? { answerUntilSec: deadlineSec } : {}),
  };
}

function tellUnit(
  { escrowId, opening: { units }, service, terminal }: AwaitedUnits,
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
  awaited.terminal.progress(
    () => `waiting for unit ${boughtCount + 1} of ${wanted}, until ${formatTime(untilSec)}`,
  );
  const { timestamp } = await callChain(awaited.client, "read the chain's head", () =>
    awaited.client.publicClient.getBlock(),
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
): PurchaseIncomplete {
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

interface DeliveryReaderParts {
  readonly online: OnlineActor;
  readonly service: ServiceInfo;
  readonly stream: StreamInfo;
  /** Of the buyer's encryption key; none for an open stream. */
  readonly secret: Uint8Array | undefined;
  readonly terminal: Terminal;
  readonly json: boolean;
}

/** Reads delivered batches and prints their readings, one batch after the other. */
export class DeliveryReader {
  readonly #parts: DeliveryReaderParts;
  readonly #printer: ReadingPrinter;

  constructor(parts: DeliveryReaderParts) {
    this.#parts = parts;
    const { terminal, stream, service, json, secret } = parts;
    this.#printer = new ReadingPrinter(terminal, stream.metrics, {
      json,
      isVisible: ({ group }) => secret === undefined || ((service.groups >>> group) & 1) === 1,
    });
  }

  /** How many readings were printed. */
  get count(): number {
    return this.#printer.count;
  }

  /**
   * Reads one batch, checks a sealed one, and prints it once all of it has passed.
   *
   * @returns How many readings it has.
   * @throws SealedReadError for a batch that is not what its device signed, StreamNotGranted, and
   * what queries throw.
   */
  async read(batchId: number): Promise<number> {
    const { secret } = this.#parts;
    const readings =
      secret === undefined
        ? await this.#readOpen(batchId)
        : await this.#readSealed(batchId, secret);
    for (const reading of readings) await this.#printer.print(reading);
    return readings.length;
  }

  /** The header, where nothing came. */
  async end(): Promise<void> {
    await this.#printer.begin();
  }

  async #readOpen(batchId: number): Promise<readonly ReadingInWords[]> {
    const { client } = this.#parts.online;
    const { streamId, firstSequence: fromSequence } = await getBatch(client, { batchId });
    const readings: ReadingInWords[] = [];
    for await (const reading of listReadings(client, { streamId, fromSequence })) {
      if (reading.batchId !== batchId) break;
      readings.push(reading);
    }
    return readings;
  }

  async #readSealed(batchId: number, secret: Uint8Array): Promise<readonly ReadingInWords[]> {
    const { online, stream } = this.#parts;
    const { client, address: account } = online;
    const { streamId, firstSequence: fromSequence } = await getBatch(client, { batchId });
    const buyer = { account, secret };
    for await (const batch of readSealedStream(client, { streamId, fromSequence, buyer })) {
      if (batch.batchId !== batchId) break;
      return listUnsealed(batch, stream.metrics);
    }
    throw new StreamNotGranted(streamId, account);
  }
}
