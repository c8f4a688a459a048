import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EscrowRow, EscrowRows, EscrowTermsRow } from "../../dapp/engine/escrow-rows.ts";
import type { BatchRow } from "../../dapp/engine/store.ts";
import { RULES_COLUMNS } from "../../dapp/store/escrow-cells.ts";
import { ESCROW_STATUSES } from "../../spec/escrow-operations.ts";
import { encodeWord } from "../../spec/words.ts";
import type { NamedRow } from "./state-rows.ts";
import { account, amount, bytes, hex, idAfter, pick } from "./step-values.ts";

/** The escrows' part of the store's model. */
export interface EscrowModel {
  readonly escrows: Map<number, EscrowRow>;
  readonly escrowTerms: Map<number, EscrowTermsRow>;
  readonly batches: Map<number, BatchRow>;
}

type Apply = (store: EscrowRows, model: EscrowModel, a: number, b: number) => void;

/** Writes to the escrows' tables and the same to the model. */
export const ESCROW_WRITES = {
  insertEscrow(store, model, a, b) {
    const escrowNumber = idAfter(store.getNextEscrowNumber(), b);
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
    if (store.getEscrowNumber(terms.escrowId) !== undefined) return;
    store.insertEscrow(row, terms);
    model.escrows.set(escrowNumber, row);
    model.escrowTerms.set(escrowNumber, terms);
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
    store.updateEscrow(row);
    model.escrows.set(row.escrowNumber, row);
  },
} as const satisfies Record<string, Apply>;

/** The model's rows as cells, in the order of the tables' columns. */
export function* listEscrowCells(model: EscrowModel): Iterable<NamedRow> {
  for (const row of model.escrows.values()) {
    const people = [row.escrowNumber, row.status, row.buyer, row.provider, row.versionId];
    const money = [
      encodeWord(row.held),
      encodeWord(row.fillLeft),
      row.paidUnits,
      row.refundedUnits,
    ];
    const times = [row.deadlineSec, row.startedAtSec, row.fromSequence, row.lastBatchId];
    yield ["escrows", [...people, ...money, ...times, row.proof, row.messageCount, row.validCount]];
  }
  for (const row of model.escrowTerms.values()) {
    const ids = [row.escrowNumber, row.escrowId, row.ect, row.escrowKind, row.mode, row.tag];
    const place = [row.token, encodeWord(row.ceiling), row.position, row.openedAtSec];
    const limits = [row.unitCount, row.deliveryTimeSec, row.answerTimeSec];
    const thresholds = [row.minMsgCount, row.minValidBasisPoints, Number(row.autoRenew)];
    const providers = Uint8Array.from(Buffer.concat(row.providers));
    const session = [row.arbitrationTimeSec, row.durationSec, row.expectedMsgs, ...thresholds];
    yield [
      "escrow_terms",
      [...ids, ...place, providers, ...limits, row.arbiter, ...session, row.predicate],
    ];
  }
}

/** Every read of escrows says what the model says. */
export function expectSameEscrows(store: EscrowRows, model: EscrowModel): void {
  const all = [...model.escrows.values()].sort((x, y) => x.escrowNumber - y.escrowNumber);
  strictEqual(store.getNextEscrowNumber(), (all.at(-1)?.escrowNumber ?? 0) + 1);
  for (const row of all) deepStrictEqual(store.getEscrow(row.escrowNumber), row);
  for (const row of model.escrowTerms.values()) {
    deepStrictEqual(store.getEscrowTerms(row.escrowNumber), row);
    const rules = { ...store.getEscrowRules(row.escrowNumber) };
    deepStrictEqual({ ...row, ...rules }, row);
    strictEqual(Object.keys(rules).length, RULES_COLUMNS.length);
    strictEqual(store.getEscrowNumber(row.escrowId), row.escrowNumber);
  }
  strictEqual(store.getEscrow(store.getNextEscrowNumber()), undefined);
  strictEqual(store.getEscrowRules(store.getNextEscrowNumber()), undefined);
  strictEqual(store.getEscrowNumber(new Uint8Array(16)), undefined);
  for (const n of [0, 1, 2, 3]) {
    const someone = account(n);
    const bought = all.filter((row) => hex(row.buyer) === hex(someone));
    const sold = all.filter((row) => row.provider && hex(row.provider) === hex(someone));
    deepStrictEqual(store.listEscrowsOfBuyer(someone, 0, 3), bought.slice(0, 3));
    deepStrictEqual(store.listEscrowsOfProvider(someone, 0, 3), sold.slice(0, 3));
    const isLater = (row: EscrowRow) => row.escrowNumber > n;
    deepStrictEqual(store.listEscrowsOfBuyer(someone, n, 2), bought.filter(isLater).slice(0, 2));
    deepStrictEqual(store.listEscrowsOfProvider(someone, n, 2), sold.filter(isLater).slice(0, 2));
  }
  const untaken = all.filter(({ provider }) => provider === null);
  deepStrictEqual(store.listUntakenIntents(0, 2), untaken.slice(0, 2));
  deepStrictEqual(
    store.listUntakenIntents(2, 9),
    untaken.filter(({ escrowNumber }) => escrowNumber > 2).slice(0, 9),
  );
  expectSameHeads(store, model);
}

function expectSameHeads(store: EscrowRows, model: EscrowModel): void {
  const heads = [...model.batches.values()].map((row) => {
    const { batchId, streamId, epoch, firstSequence, readingCount, commitment } = row;
    const head = { batchId, streamId, epoch, firstSequence, readingCount, commitment };
    return { ...head, isDisproved: row.disprovedGroup !== null };
  });
  for (const head of heads) deepStrictEqual(store.getBatchHead(head.batchId), head);
  const own = heads
    .filter(({ streamId, firstSequence }) => streamId === 1 && firstSequence > 2 ** 30)
    .sort((x, y) => x.firstSequence - y.firstSequence);
  deepStrictEqual(store.listBatchHeads(1, 2 ** 30 + 1, 2), own.slice(0, 2));
}
