import type { Cell } from "../../spec/tables.ts";
import { encodeWord } from "../../spec/words.ts";
import type {
  BatchHead,
  EscrowRow,
  EscrowRows,
  EscrowRules,
  EscrowTermsRow,
} from "../engine/escrow-rows.ts";
import { invariant } from "../engine/invariant.ts";
import type { StateDatabase } from "./database.ts";
import {
  RULES_COLUMNS,
  toEscrow,
  toEscrowCells,
  toEscrowRules,
  toEscrowTerms,
  toEscrowTermsCells,
} from "./escrow-cells.ts";
import { createEscrowLists } from "./escrow-lists.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

/** What every transition may change, from ?2 on. */
const SET_MONEY =
  "held = ?2, fill_left = ?3, paid_units = ?4, refunded_units = ?5, deadline = ?6," +
  " started_at = ?7, from_sequence = ?8, last_batch_id = ?9, proof = ?10, message_count = ?11," +
  " valid_count = ?12";
const HEAD_COLUMNS =
  "batch_id, stream_id, epoch, first_sequence, reading_count, commitment, disproved_group";

/** One entry of the cache, because a transition asks for both: one statement reads them. */
interface CachedEscrow {
  readonly row: EscrowRow;
  readonly rules: EscrowRules;
}

/** Escrows and their terms; batches without their bodies. */
export function createEscrowRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): EscrowRows {
  const columns = columnList("escrows");
  const select = database.prepareRead(
    `SELECT ${columns}, ${RULES_COLUMNS.join(", ")} FROM escrows JOIN escrow_terms USING (escrow_number)` +
      " WHERE escrow_number = ?",
  );
  const selectHighest = database.prepareRead("SELECT max(escrow_number) FROM escrows");
  const selectNumber = database.prepareRead(
    "SELECT escrow_number FROM escrow_terms WHERE escrow_id = ?",
  );
  const selectTerms = database.prepareRead(
    `SELECT ${columnList("escrow_terms")} FROM escrow_terms WHERE escrow_number = ?`,
  );
  const insert = database.prepareWrite(insertSql("escrows"));
  const insertTerms = database.prepareWrite(insertSql("escrow_terms"));
  // A column in SET moves its indices even where its value stays, so each has what it changes.
  const where = "WHERE escrow_number = ?1";
  const update = database.prepareWrite(`UPDATE escrows SET ${SET_MONEY} ${where}`);
  const updateStatus = database.prepareWrite(
    `UPDATE escrows SET ${SET_MONEY}, status = ?13 ${where}`,
  );
  const updateProvider = database.prepareWrite(
    `UPDATE escrows SET ${SET_MONEY}, status = ?13, provider = ?14, version_id = ?15 ${where}`,
  );
  const selectHead = database.prepareRead(`SELECT ${HEAD_COLUMNS} FROM batches WHERE batch_id = ?`);
  const selectHeads = database.prepareRead(
    `SELECT ${HEAD_COLUMNS} FROM batches WHERE stream_id = ? AND first_sequence >= ?` +
      " ORDER BY first_sequence LIMIT ?",
  );

  const escrows = new RowCache<CachedEscrow>(cacheEntriesMax);
  const nextNumber = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  undoables.push(escrows, nextNumber);

  function findEscrow(escrowNumber: number): CachedEscrow | undefined {
    const cached = escrows.get(escrowNumber);
    if (cached !== undefined) return cached;
    const cells = select.first([escrowNumber]);
    if (cells === undefined) return undefined;
    const found = {
      row: toEscrow(cells),
      rules: toEscrowRules(cells.slice(-RULES_COLUMNS.length)),
    };
    escrows.fill(escrowNumber, found);
    return found;
  }

  return {
    ...createEscrowLists(database),
    getNextEscrowNumber: () => nextNumber.get(),
    getEscrowNumber(escrowId) {
      return selectNumber.first([escrowId])?.[0] as number | undefined;
    },
    getEscrow: (escrowNumber) => findEscrow(escrowNumber)?.row,
    getEscrowRules: (escrowNumber) => findEscrow(escrowNumber)?.rules,
    insertEscrow(row, termsRow) {
      insert.runOnOneRow(toEscrowCells(row));
      insertTerms.runOnOneRow(toEscrowTermsCells(termsRow));
      nextNumber.take(row.escrowNumber);
      escrows.write(row.escrowNumber, { row: copyEscrow(row), rules: copyRules(termsRow) });
    },
    updateEscrow(row) {
      const cached = findEscrow(row.escrowNumber);
      invariant(cached !== undefined, "an escrow that changes is there");
      const { row: before, rules } = cached;
      const cells = toMoneyCells(row);
      if (
        row.versionId !== before.versionId ||
        (row.provider === null) !== (before.provider === null)
      ) {
        updateProvider.runOnOneRow([...cells, row.status, row.provider, row.versionId]);
      } else if (row.status !== before.status) updateStatus.runOnOneRow([...cells, row.status]);
      else update.runOnOneRow(cells);
      escrows.write(row.escrowNumber, { row: copyEscrow(row, before), rules });
    },
    getEscrowTerms(escrowNumber) {
      const cells = selectTerms.first([escrowNumber]);
      return cells === undefined ? undefined : toEscrowTerms(cells);
    },
    getBatchHead(batchId) {
      const cells = selectHead.first([batchId]);
      return cells === undefined ? undefined : toBatchHead(cells);
    },
    listBatchHeads(streamId, fromSequence, limit) {
      return selectHeads.all([streamId, fromSequence, limit]).map(toBatchHead);
    },
  };
}

/**
 * The cache's own: bytes of an input must not stay in it, because they would keep the whole payload
 * alive. What it lends is read only.
 */
const copyEscrow = (row: EscrowRow, before?: EscrowRow): EscrowRow => ({
  ...row,
  buyer: before?.buyer ?? row.buyer.slice(),
  provider: before?.provider ?? row.provider?.slice() ?? null,
  proof: row.proof === before?.proof ? row.proof : (row.proof?.slice() ?? null),
});

const copyRules = (terms: EscrowTermsRow): EscrowRules =>
  Object.freeze({
    mode: terms.mode,
    token: terms.token.slice(),
    unitCount: terms.unitCount,
    deliveryTimeSec: terms.deliveryTimeSec,
    answerTimeSec: terms.answerTimeSec,
    arbiter: terms.arbiter.slice(),
    arbitrationTimeSec: terms.arbitrationTimeSec,
    durationSec: terms.durationSec,
    expectedMsgs: terms.expectedMsgs,
    minMsgCount: terms.minMsgCount,
    minValidBasisPoints: terms.minValidBasisPoints,
    autoRenew: terms.autoRenew,
    predicate: terms.predicate.slice(),
  });

const toMoneyCells = (row: EscrowRow): Cell[] => [
  row.escrowNumber,
  encodeWord(row.held),
  encodeWord(row.fillLeft),
  row.paidUnits,
  row.refundedUnits,
  row.deadlineSec,
  row.startedAtSec,
  row.fromSequence,
  row.lastBatchId,
  row.proof,
  row.messageCount,
  row.validCount,
];

const toBatchHead = (cells: readonly Cell[]): BatchHead => ({
  batchId: cells[0] as number,
  streamId: cells[1] as number,
  epoch: cells[2] as number,
  firstSequence: cells[3] as number,
  readingCount: cells[4] as number,
  commitment: cells[5] as Uint8Array,
  isDisproved: cells[6] !== null,
});
