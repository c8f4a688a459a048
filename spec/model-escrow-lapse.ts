import { decodeOpenBody } from "./batch-body.ts";
import { JUDGED_BATCHES_MAX, JUDGED_READINGS_MAX } from "./limits.ts";
import { demand, type ModelAct } from "./model-act.ts";
import { listMetrics } from "./model-devices.ts";
import { type EscrowCase, findEscrow } from "./model-escrow-case.ts";
import type { Row } from "./model-rows.ts";
import { bytes } from "./model-state.ts";
import { areThresholdsMet, decodePredicate, judgeReadings } from "./predicate.ts";

/** What time decides (spec §12.3), and what the machine judges by itself (§12.7, §12.8). */

const TERMINAL = ["released", "refunded", "expired"];

/** Finds an escrow, applies what has lapsed, and refuses a closed one. */
export function bringUpToDate(act: ModelAct, escrowId: Uint8Array): EscrowCase {
  const escrow = findEscrow(act, escrowId);
  lapse(escrow);
  demand(!TERMINAL.includes(escrow.row.status), "escrow_closed");
  return escrow;
}

/** Applies what the escrow's deadline brings; false where it is not due. */
export function lapse(escrow: EscrowCase): boolean {
  const { status, deadline, held } = escrow.row;
  if (deadline === null || escrow.act.now < deadline) return false;
  if (status === "offered") escrow.close("expired");
  else if (status === "active") {
    if (held < escrow.price) escrow.close();
    else escrow.close("expired");
  } else if (status === "running") {
    if (escrow.isJudged) judgeSession(escrow);
    else {
      escrow.refundUnit();
      escrow.close("expired");
    }
  } else if (status === "delivered") {
    const batch = findNamedBatch(escrow);
    if (batch !== undefined && batch.disproved_group !== null) refundAndClose(escrow);
    else acceptDelivered(escrow);
  } else if (status === "disputed") refundAndClose(escrow);
  else escrow.close();
  return true;
}

export function refundAndClose(escrow: EscrowCase): void {
  escrow.refundUnit();
  escrow.close("refunded");
}

/** The batch that a delivery or an anchor named. Services without a stream have none. */
export function findNamedBatch(escrow: EscrowCase): Row<"batches"> | undefined {
  if (escrow.stream === undefined) return undefined;
  return escrow.act.state.get("batches", escrow.row.last_batch_id);
}

/** The buyer's word, or their silence: a pull is paid, a session by its counts. */
export function acceptDelivered(escrow: EscrowCase): void {
  const { message_count, valid_count } = escrow.row;
  if (escrow.terms.mode === "pubsub") settleByCounts(escrow, message_count, valid_count);
  else {
    escrow.payUnits(1);
    escrow.goOn();
  }
}

/** Paid where the thresholds are met, else refunded; the escrow goes on either way. */
export function settleByCounts(escrow: EscrowCase, messages: number, valid: number): void {
  const { min_msg_count: minMsgCount, min_valid_basis_points: minValidBasisPoints } = escrow.terms;
  if (areThresholdsMet({ minMsgCount, minValidBasisPoints }, messages, valid)) escrow.payUnits(1);
  else escrow.refundUnit();
  escrow.goOn();
}

export function judgeUnit(escrow: EscrowCase, batch: Row<"batches">): void {
  escrow.act.budget.spendReadings(batch.reading_count);
  const { verdicts } = judge(escrow, batch);
  settleByCounts(escrow, verdicts.length, count(verdicts));
}

/** The stream's first batches since the session began, as far as the machine looks. */
function judgeSession(escrow: EscrowCase): void {
  const { from_sequence, started_at } = escrow.row;
  const { stream_id } = escrow.stream!;
  const batches = escrow.act.state
    .list("batches")
    .filter((row) => row.stream_id === stream_id && row.first_sequence >= from_sequence)
    .filter((row) => escrow.act.state.get("batch_bodies", row.batch_id) !== undefined)
    .sort((a, b) => a.first_sequence - b.first_sequence);
  const looked: Row<"batches">[] = [];
  let readings = 0;
  for (const batch of batches.slice(0, JUDGED_BATCHES_MAX)) {
    readings += batch.reading_count;
    if (readings > JUDGED_READINGS_MAX) break;
    looked.push(batch);
  }
  escrow.act.budget.spendReadings(looked.reduce((sum, row) => sum + row.reading_count, 0));
  const end = started_at! + escrow.terms.duration;
  const inTime = looked.flatMap((batch) => {
    const { verdicts, times } = judge(escrow, batch);
    return [...verdicts].filter((_, i) => times[i]! >= started_at! && times[i]! < end);
  });
  settleByCounts(escrow, inTime.length, count(inTime));
}

function judge(escrow: EscrowCase, batch: Row<"batches">) {
  const metrics = listMetrics(escrow.act, batch.stream_id);
  const { body } = escrow.act.state.get("batch_bodies", batch.batch_id)!;
  const { times, columns } = decodeOpenBody(bytes(body), metrics, batch.reading_count)!;
  const predicate = decodePredicate(bytes(escrow.terms.predicate))!;
  return { times, verdicts: judgeReadings(predicate, metrics, columns, batch.reading_count) };
}

const count = (verdicts: Iterable<number>): number =>
  [...verdicts].filter((verdict) => verdict === 1).length;
