import { ESCROW_ENDINGS, type EscrowEnding, type EscrowStatus } from "./escrow-operations.ts";
import { demand, type ModelAct } from "./model-act.ts";
import { addFact } from "./model-facts.ts";
import { balanceOf, credit, debit, moveTotal } from "./model-money.ts";
import { highestBatchId } from "./model-retention.ts";
import { wasShortSince } from "./model-room.ts";
import type { Row } from "./model-rows.ts";
import { hex } from "./model-state.ts";
import type { Hex } from "./outputs.ts";

/** An escrow in the hands of one operation: its rows, and how its money moves (spec §12.4). */
export class EscrowCase {
  readonly act: ModelAct;
  readonly terms: Row<"escrow_terms">;

  /** When the outstanding unit was first awaited (spec §14.2), as the operation finds it. */
  readonly #began: number;

  constructor(act: ModelAct, terms: Row<"escrow_terms">) {
    this.act = act;
    this.terms = terms;
    const { started_at, deadline } = this.row;
    this.#began = started_at ?? (deadline ?? 0) - terms.delivery_time;
  }

  get row(): Row<"escrows"> {
    return this.act.state.get("escrows", this.terms.escrow_number)!;
  }

  change(change: Partial<Row<"escrows">>): void {
    const { status, escrow_number } = this.row;
    if (status === "offered" && (change.status ?? status) !== status) {
      this.act.state.remove("open_intents", this.terms.tag, escrow_number);
    }
    this.act.state.put("escrows", { ...this.row, ...change });
  }

  get id(): Hex {
    return this.terms.escrow_id;
  }

  /** What the provider sells; there is none while an intent is offered. */
  get version(): Row<"service_versions"> {
    return this.act.state.get("service_versions", this.row.version_id!)!;
  }

  get price(): bigint {
    return this.version.price;
  }

  get stream(): Row<"streams"> | undefined {
    const { stream_id } = this.version;
    return stream_id === null ? undefined : this.act.state.get("streams", stream_id)!;
  }

  /** The next unit: who names another says something twice, or too early. */
  get unit(): number {
    return this.row.paid_units + this.row.refunded_units + 1;
  }

  get isJudged(): boolean {
    return this.terms.predicate !== "0x";
  }

  demandStatus(...statuses: EscrowStatus[]): void {
    demand(statuses.includes(this.row.status as EscrowStatus), "escrow_status_wrong");
  }

  demandUnit(unit: number): void {
    demand(unit === this.unit, "escrow_unit_wrong");
  }

  /** Out of what is held, to an account. */
  pay(to: Hex, amount: bigint): void {
    const { token } = this.terms;
    credit(this.act, to, token, amount);
    moveTotal(this.act, token, "in_escrows", "in_balances", amount);
    this.change({ held: this.row.held - amount });
  }

  /** From an account into what is held. */
  take(from: Hex, amount: bigint): void {
    const { token } = this.terms;
    debit(this.act, from, token, amount);
    moveTotal(this.act, token, "in_balances", "in_escrows", amount);
    this.change({ held: this.row.held + amount });
  }

  get fillable(): bigint {
    const { buyer, fill_left } = this.row;
    const balance = balanceOf(this.act, buyer, this.terms.token);
    return fill_left < balance ? fill_left : balance;
  }

  /** Draws what is missing to `amount` from the buyer's balance: all of it or nothing. */
  fillTo(amount: bigint): void {
    const { held, buyer, fill_left } = this.row;
    const missing = amount - held;
    if (missing <= 0n || missing > this.fillable) return;
    this.take(buyer, missing);
    this.change({ fill_left: fill_left - missing });
    this.act.notify("EscrowFunded", [this.id, buyer, missing, true]);
  }

  payUnits(count: number, amount = this.price * BigInt(count)): void {
    const [first, payee] = [this.unit, this.version.payment_address];
    this.pay(payee, amount);
    this.change({ paid_units: this.row.paid_units + count });
    this.act.notify("UnitsReleased", [this.id, first, count, payee, amount]);
  }

  refundUnit(): void {
    const { price, unit } = this;
    this.pay(this.row.buyer, price);
    this.change({ refunded_units: this.row.refunded_units + 1 });
    this.act.notify("UnitRefunded", [this.id, unit, price]);
  }

  /** What a settlement brings with it; true where it closed the escrow. */
  closeIfDone(): boolean {
    const isOver = this.unit > this.terms.unit_count;
    const isOnce = this.terms.mode === "pubsub" && this.terms.auto_renew === 0;
    if (isOver || isOnce) this.close();
    return isOver || isOnce;
  }

  goOn(): void {
    if (this.closeIfDone()) return;
    this.fillTo(this.price);
    const { held } = this.row;
    if (held < this.price) this.act.notify("EscrowLow", [this.id, held, this.price]);
    if (this.terms.mode === "pubsub" && held >= this.price) this.startSession();
    else this.activate();
  }

  activate(): void {
    const deadline = this.act.now + this.terms.delivery_time;
    this.change({ status: "active", deadline, ...NO_UNIT });
  }

  startSession(): void {
    const { now } = this.act;
    const endsAt = now + this.terms.duration;
    this.change({
      ...NO_UNIT,
      status: "running",
      started_at: now,
      deadline: endsAt + this.terms.answer_time,
      from_sequence: this.stream?.next_sequence ?? 0,
      last_batch_id: highestBatchId(this.act.state),
    });
    this.act.notify("SessionStarted", [this.id, this.unit, now, endsAt]);
  }

  /** Ends the escrow. What is still held is the buyer's. */
  close(ending: EscrowEnding = this.row.paid_units > 0 ? "released" : "refunded"): void {
    const { held, buyer, provider } = this.row;
    this.pay(buyer, held);
    this.change({ status: ending, deadline: null, ...NO_UNIT });
    if (provider !== null && this.unit > 1) {
      if (ending !== "expired") addFact(this.act, provider, `${ending}_count`);
      else if (!wasShortSince(this.act, this.#began)) addFact(this.act, provider, "lapsed_count");
    }
    this.act.notify("EscrowClosed", [this.id, ESCROW_ENDINGS[ending], held]);
  }
}

/** What a row keeps only while a unit is under way (spec §12.12). */
const NO_UNIT = {
  ...{ started_at: null, from_sequence: 0 },
  ...{ proof: null, message_count: 0, valid_count: 0 },
} as const;

export function findEscrow(act: ModelAct, escrowId: Uint8Array): EscrowCase {
  const id = hex(escrowId);
  const terms = act.state.list("escrow_terms").find((row) => row.escrow_id === id);
  demand(terms !== undefined, "escrow_not_found");
  return new EscrowCase(act, terms);
}
