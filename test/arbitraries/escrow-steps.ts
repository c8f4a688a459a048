import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  ESCROW_HEAD,
  ESCROW_RULES,
  type EscrowRow,
  type EscrowTermsRow,
  type Store,
} from "../../dapp/engine/store.ts";
import { ESCROW_STATUSES } from "../../spec/escrow-operations.ts";
import { account, amount, bytes, hex, idAfter, pageOf, pick } from "./step-values.ts";
import type { StoreModel } from "./store-model.ts";

type Apply = (store: Store, model: StoreModel, a: number, b: number) => void;

/** Writes to the escrows' tables and the same to the model. */
export const ESCROW_WRITES = {
  insertEscrow(store, model, a, b) {
    const escrowNumber = idAfter(store.escrows.nextId(), b);
    const isIntent = a % 2 === 0;
    const row: EscrowRow = {
      ...{ escrowNumber, status: isIntent ? "offered" : "active", buyer: account(a) },
      ...{ provider: isIntent ? null : account(b), versionId: isIntent ? null : b + 1 },
      ...{ held: amount(a), fillLeft: amount(b), paidUnits: 0, refundedUnits: 0 },
      ...{ deadlineSec: 2 ** 33 + a, startedAtSec: null, fromSequence: 0, lastBatchId: a },
      ...{ proof: null, messageCount: 0, validCount: 0 },
    };
    const terms: EscrowTermsRow = {
      ...{ escrowNumber, escrowId: bytes(16, escrowNumber), ect: bytes(32, a) },
      ...{ escrowKind: isIntent ? "intent" : "standard", mode: b % 2 === 0 ? "pull" : "pubsub" },
      ...{ tag: isIntent ? "é" : "", token: account(b), ceiling: amount(b), position: a * 2 ** 40 },
      ...{
        openedAtSec: b,
        providers: [account(1), account(2)].slice(a % 3),
        unitCount: 2 ** 32 - 1,
      },
      ...{ deliveryTimeSec: a, answerTimeSec: b, arbiter: account(a + b), arbitrationTimeSec: 1 },
      ...{ durationSec: a, expectedMsgs: b, minMsgCount: a, minValidBasisPoints: 10_000 },
      ...{ autoRenew: b % 3 === 0, predicate: bytes(a % 40, b) },
    };
    if (store.findEscrowHead(terms.escrowId) !== undefined) return;
    store.escrows.insert(row);
    store.escrowTerms.insert(terms);
    // Read before a rollback may undo it: what the store keeps of it then must go, too.
    expectFound(store, terms);
    model.escrows.set(escrowNumber, row);
    model.escrowTerms.set(escrowNumber, terms);
    if (!isIntent) return;
    const open = { tag: terms.tag, escrowNumber };
    store.openIntents.insert(open);
    model.openIntents.set(escrowNumber, open);
  },
  /** One in three leaves the status, as receipts do; a provider comes once. */
  updateEscrow(store, model, a, b) {
    const before = pick(model.escrows.values(), a);
    if (before === undefined) return;
    const status = b % 3 === 0 ? before.status : ESCROW_STATUSES[b % ESCROW_STATUSES.length]!;
    const isTaken = before.provider === null && b % 2 === 0;
    const row: EscrowRow = {
      ...before,
      status,
      ...(isTaken ? { provider: account(a + b), versionId: 2 ** 35 + b } : {}),
      ...{ held: amount(b), fillLeft: amount(a), paidUnits: a, refundedUnits: b },
      ...{ deadlineSec: b % 4 === 0 ? null : b * 2 ** 31, startedAtSec: b % 5 === 0 ? null : a },
      ...{ fromSequence: b * 2 ** 31, lastBatchId: a * 2 ** 32, messageCount: a, validCount: b },
      proof: b % 2 === 0 ? null : bytes(32, b),
    };
    store.escrows.update(row);
    model.escrows.set(row.escrowNumber, row);
    const open = model.openIntents.get(row.escrowNumber);
    if (open === undefined || status === "offered") return;
    store.openIntents.remove(open);
    model.openIntents.delete(row.escrowNumber);
  },
} as const satisfies Record<string, Apply>;

function expectFound(store: Store, terms: EscrowTermsRow): void {
  const head = store.findEscrowHead(terms.escrowId);
  for (const property of ESCROW_HEAD) deepStrictEqual(head?.[property], terms[property]);
  const rules = store.getEscrowRules(terms.escrowNumber);
  for (const property of ESCROW_RULES) deepStrictEqual(rules?.[property], terms[property]);
}

/** Every read of escrows says what the model says. */
export function expectSameEscrows(store: Store, model: StoreModel): void {
  const all = [...model.escrows.values()].sort((x, y) => x.escrowNumber - y.escrowNumber);
  strictEqual(store.escrows.nextId(), (all.at(-1)?.escrowNumber ?? 0) + 1);
  for (const row of all) deepStrictEqual(store.escrows.get(row.escrowNumber), row);
  for (const row of model.escrowTerms.values()) {
    deepStrictEqual(store.escrowTerms.get(row.escrowNumber), row);
    expectFound(store, row);
  }
  strictEqual(store.escrows.get(store.escrows.nextId()), undefined);
  strictEqual(store.escrowTerms.get(store.escrows.nextId()), undefined);
  strictEqual(store.findEscrowHead(new Uint8Array(16)), undefined);
  strictEqual(store.getEscrowRules(store.escrows.nextId()), undefined);
  const open = [...model.openIntents.values()].sort((x, y) => x.escrowNumber - y.escrowNumber);
  for (const n of [0, 1, 2, 3]) {
    deepStrictEqual(
      store.openIntents.list({ tag: "é" }, pageOf("escrowNumber", n, 2)),
      open.filter((row) => row.escrowNumber > n).slice(0, 2),
    );
    const someone = account(n);
    const bought = all.filter((row) => hex(row.buyer) === hex(someone));
    const sold = all.filter((row) => row.provider && hex(row.provider) === hex(someone));
    deepStrictEqual(
      store.escrows.list({ buyer: someone }, pageOf("escrowNumber", 0, 3)),
      bought.slice(0, 3),
    );
    deepStrictEqual(
      store.escrows.list({ provider: someone }, pageOf("escrowNumber", 0, 3)),
      sold.slice(0, 3),
    );
    const isLater = (row: EscrowRow) => row.escrowNumber > n;
    deepStrictEqual(
      store.escrows.list({ buyer: someone }, pageOf("escrowNumber", n, 2)),
      bought.filter(isLater).slice(0, 2),
    );
    deepStrictEqual(
      store.escrows.list({ provider: someone }, pageOf("escrowNumber", n, 2)),
      sold.filter(isLater).slice(0, 2),
    );
  }
  const untaken = all.filter(({ provider }) => provider === null);
  deepStrictEqual(
    store.escrows.list({ provider: null }, pageOf("escrowNumber", 0, 2)),
    untaken.slice(0, 2),
  );
  deepStrictEqual(
    store.escrows.list({ provider: null }, pageOf("escrowNumber", 2, 9)),
    untaken.filter(({ escrowNumber }) => escrowNumber > 2).slice(0, 9),
  );
  expectSameHeads(store, model);
}

function expectSameHeads(store: Store, model: StoreModel): void {
  // A head's other columns are not to be read.
  const heads = [...model.batches.values()].map((row) => ({
    ...row,
    ...{ batchHash: null, previousHash: null },
    ...{ firstTimeSec: null, lastTimeSec: null, isBreak: false },
  }));
  for (const head of heads) deepStrictEqual(store.getBatchHead(head.batchId), head);
  const own = heads
    .filter(({ streamId, firstSequence }) => streamId === 1 && firstSequence > 2 ** 30)
    .sort((x, y) => x.firstSequence - y.firstSequence);
  deepStrictEqual(store.listBatchHeads(1, 2 ** 30 + 1, 2), own.slice(0, 2));
}
