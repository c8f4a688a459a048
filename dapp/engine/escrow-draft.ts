import type { EscrowEnding, EscrowStatus } from "../../spec/escrow-operations.ts";
import { encodeNotice, type NoticeArgs, type NoticeName } from "../../spec/notices.ts";
import type { Hex, Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { equalBytes } from "../../spec/words.ts";
import { add, subtract } from "./amounts.ts";
import { balanceOf, creditBalance, debitBalance, moveTotal } from "./balances.ts";
import { invariant } from "./invariant.ts";
import { hex, type OperationContext } from "./operation-context.ts";
import { countFact } from "./provider-facts.ts";
import { wasShortSince } from "./room.ts";
import type { EscrowHead, EscrowRow, EscrowRules, ServiceVersionRow } from "./store.ts";

type Mutable<Row> = { -readonly [K in keyof Row]: Row[K] };

/** Money into (positive) or out of an account's balance. */
interface Move {
  readonly account: Uint8Array;
  readonly amount: bigint;
}

export const isTerminal = (status: EscrowStatus): status is EscrowEnding =>
  status === "released" || status === "refunded" || status === "expired";

/**
 * An escrow on its way through one operation. What lapsed and what the operation does change the
 * draft, checks read it, and `commit` writes: so a refusal after a lapse has written nothing, and
 * a lapse together with an answer costs one update.
 */
export class EscrowDraft {
  readonly context: OperationContext;
  readonly id: Hex;
  readonly head: EscrowHead;
  readonly row: Mutable<EscrowRow>;
  /** The version of the service; none until an intent is accepted. */
  version: ServiceVersionRow | undefined;
  readonly #before: EscrowRow;
  readonly #moves: Move[] = [];
  readonly #notices: Output[] = [];

  constructor(
    context: OperationContext,
    escrowId: Uint8Array,
    head: EscrowHead,
    before: EscrowRow,
  ) {
    this.context = context;
    this.id = hex(escrowId);
    this.head = head;
    this.#before = before;
    this.row = { ...before };
    if (before.versionId !== null) {
      this.version = context.store.serviceVersions.get(before.versionId);
      invariant(this.version !== undefined, "an escrow's version stays");
    }
  }

  /** What else is agreed. Most operations on pulls ask for nothing of it, which spares a read. */
  get terms(): EscrowRules {
    const terms = this.context.store.getEscrowRules(this.row.escrowNumber);
    invariant(terms !== undefined, "an escrow has terms");
    return terms;
  }

  /** A version has the mode and the token of every escrow that is of it. */
  get mode(): DeliveryMode {
    return this.version?.mode ?? this.terms.mode;
  }

  get token(): Uint8Array {
    return this.version?.token ?? this.terms.token;
  }

  get nowSec(): number {
    return this.context.at.timestampSec;
  }

  /** The unit that is next or outstanding, from 1. */
  get unit(): number {
    return this.row.paidUnits + this.row.refundedUnits + 1;
  }

  /** The service, once there is one. */
  get service(): ServiceVersionRow {
    invariant(this.version !== undefined, "a service is known from acceptance on");
    return this.version;
  }

  get price(): bigint {
    return this.service.price;
  }

  /** The account's balance as the draft leaves it. */
  getBalance(account: Uint8Array): bigint {
    let balance = balanceOf(this.context.store, account, this.token);
    for (const move of this.#moves) {
      if (equalBytes(move.account, account)) balance += move.amount;
    }
    return balance;
  }

  /** Takes what the caller has checked to be there into the escrow. */
  receive(account: Uint8Array, amount: bigint): void {
    this.row.held = add(this.row.held, amount);
    this.#moves.push({ account, amount: -amount });
  }

  /** Pays out of the escrow. */
  pay(account: Uint8Array, amount: bigint): void {
    this.row.held = subtract(this.row.held, amount);
    if (amount > 0n) this.#moves.push({ account, amount });
  }

  tell<Name extends NoticeName>(name: Name, args: NoticeArgs<Name>): void {
    this.#notices.push(encodeNotice(name, args));
  }

  /** Writes each row once. Whatever fails here is our bug. */
  commit(): readonly Output[] {
    // COMMIT POINT
    const { store } = this.context;
    const { row, token } = this;
    const ending = isTerminal(row.status) ? row.status : undefined;
    const isClosed = ending !== undefined;
    invariant(!isTerminal(this.#before.status), "nothing happens to a closed escrow");
    invariant(isClosed === (row.deadlineSec === null), "an open escrow has a deadline");
    invariant(!isClosed || row.held === 0n, "a closed escrow holds nothing");
    const settledUnits = row.paidUnits + row.refundedUnits;
    invariant(settledUnits <= this.head.unitCount, "units are settled once");
    store.escrows.update(row);
    if (this.#before.status === "offered" && row.status !== "offered") {
      store.openIntents.remove({ tag: this.terms.tag, escrowNumber: row.escrowNumber });
    }
    const low: Output[] = [];
    for (const { account, amount } of this.#moves) {
      if (amount < 0n) low.push(...debitBalance(store, account, token, -amount));
      else creditBalance(store, account, token, amount);
    }
    const change = row.held - this.#before.held;
    if (change > 0n) moveTotal(store, token, "inBalances", "inEscrows", change);
    else moveTotal(store, token, "inEscrows", "inBalances", -change);
    if (ending !== undefined && row.provider !== null && settledUnits > 0) {
      // Without room the provider may have had nowhere to put the batch.
      if (ending !== "expired") countFact(store, row.provider, ending);
      else if (!wasShortSince(store, this.#unitBeganSec)) countFact(store, row.provider, "lapsed");
    }
    return [...this.#notices, ...low];
  }

  /** When the unit that has lapsed was first awaited (spec §14.2). */
  get #unitBeganSec(): number {
    const { startedAtSec, deadlineSec } = this.#before;
    return startedAtSec ?? (deadlineSec ?? 0) - this.head.deliveryTimeSec;
  }
}

/** The escrow as it stands, before anything lapses. */
export function findEscrow(context: OperationContext, escrowId: Uint8Array): EscrowDraft | Refused {
  const { store } = context;
  const head = store.findEscrowHead(escrowId);
  if (head === undefined) return refuse("escrow_not_found", "{escrowId}", { escrowId });
  const row = store.escrows.get(head.escrowNumber);
  invariant(row !== undefined, "an escrow that has terms has its row");
  return new EscrowDraft(context, escrowId, head, row);
}
