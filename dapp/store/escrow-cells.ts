import type { EscrowKind, EscrowStatus } from "../../spec/escrow-operations.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import type { Cell } from "../../spec/tables.ts";
import { encodeWord, readBigEndian } from "../../spec/words.ts";
import type { EscrowRow, EscrowRules, EscrowTermsRow } from "../engine/escrow-rows.ts";

/** Escrows and their terms as cells of the tables, and back (spec §6.1). */

const ADDRESS_BYTES = 20;

export const toEscrowCells = (row: EscrowRow): Cell[] => [
  row.escrowNumber,
  row.status,
  row.buyer,
  row.provider,
  row.versionId,
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

export const toEscrow = (cells: readonly Cell[]): EscrowRow => ({
  escrowNumber: cells[0] as number,
  status: cells[1] as EscrowStatus,
  buyer: cells[2] as Uint8Array,
  provider: cells[3] as Uint8Array | null,
  versionId: cells[4] as number | null,
  held: readBigEndian(cells[5] as Uint8Array),
  fillLeft: readBigEndian(cells[6] as Uint8Array),
  paidUnits: cells[7] as number,
  refundedUnits: cells[8] as number,
  deadlineSec: cells[9] as number | null,
  startedAtSec: cells[10] as number | null,
  fromSequence: cells[11] as number,
  lastBatchId: cells[12] as number,
  proof: cells[13] as Uint8Array | null,
  messageCount: cells[14] as number,
  validCount: cells[15] as number,
});

export const toEscrowTermsCells = (row: EscrowTermsRow): Cell[] => [
  row.escrowNumber,
  row.escrowId,
  row.ect,
  row.escrowKind,
  row.mode,
  row.tag,
  row.token,
  encodeWord(row.ceiling),
  row.position,
  row.openedAtSec,
  joinAddresses(row.providers),
  row.unitCount,
  row.deliveryTimeSec,
  row.answerTimeSec,
  row.arbiter,
  row.arbitrationTimeSec,
  row.durationSec,
  row.expectedMsgs,
  row.minMsgCount,
  row.minValidBasisPoints,
  row.autoRenew ? 1 : 0,
  row.predicate,
];

/** In the order of `toEscrowRules`. */
export const RULES_COLUMNS: readonly string[] = [
  ...["mode", "token", "unit_count", "delivery_time", "answer_time", "arbiter"],
  ...["arbitration_time", "duration", "expected_msgs", "min_msg_count"],
  ...["min_valid_basis_points", "auto_renew", "predicate"],
];

/**
 * Frozen: rules never change, so that the cache can lend them. The table has no auto-fill limit:
 * what is left of it is the escrow's.
 */
export const toEscrowRules = (cells: readonly Cell[]): EscrowRules =>
  Object.freeze({
    mode: cells[0] as DeliveryMode,
    token: cells[1] as Uint8Array,
    unitCount: cells[2] as number,
    deliveryTimeSec: cells[3] as number,
    answerTimeSec: cells[4] as number,
    arbiter: cells[5] as Uint8Array,
    arbitrationTimeSec: cells[6] as number,
    durationSec: cells[7] as number,
    expectedMsgs: cells[8] as number,
    minMsgCount: cells[9] as number,
    minValidBasisPoints: cells[10] as number,
    autoRenew: cells[11] === 1,
    predicate: cells[12] as Uint8Array,
  });

export const toEscrowTerms = (cells: readonly Cell[]): EscrowTermsRow => ({
  escrowNumber: cells[0] as number,
  escrowId: cells[1] as Uint8Array,
  ect: cells[2] as Uint8Array,
  escrowKind: cells[3] as EscrowKind,
  mode: cells[4] as DeliveryMode,
  tag: cells[5] as string,
  token: cells[6] as Uint8Array,
  ceiling: readBigEndian(cells[7] as Uint8Array),
  position: cells[8] as number,
  openedAtSec: cells[9] as number,
  providers: splitAddresses(cells[10] as Uint8Array),
  unitCount: cells[11] as number,
  deliveryTimeSec: cells[12] as number,
  answerTimeSec: cells[13] as number,
  arbiter: cells[14] as Uint8Array,
  arbitrationTimeSec: cells[15] as number,
  durationSec: cells[16] as number,
  expectedMsgs: cells[17] as number,
  minMsgCount: cells[18] as number,
  minValidBasisPoints: cells[19] as number,
  autoRenew: cells[20] === 1,
  predicate: cells[21] as Uint8Array,
});

function joinAddresses(addresses: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES * addresses.length);
  addresses.forEach((address, i) => {
    bytes.set(address, ADDRESS_BYTES * i);
  });
  return bytes;
}

function splitAddresses(bytes: Uint8Array): readonly Uint8Array[] {
  const addresses: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += ADDRESS_BYTES) {
    addresses.push(bytes.slice(at, at + ADDRESS_BYTES));
  }
  return addresses;
}
