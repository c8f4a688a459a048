import { hexToBytes } from "viem";
import type { EscrowKind, EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { decodePredicate, type Predicate } from "../../../spec/predicate.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface TermsAnswer {
  readonly tag: string | null;
  readonly ceiling: string;
  readonly providers: readonly Hex[];
  readonly opened_at: number;
  readonly unit_count: number;
  readonly delivery_time: number;
  readonly answer_time: number;
  readonly arbiter: Hex | null;
  readonly arbitration_time: number;
  readonly duration: number;
  readonly expected_msgs: number;
  readonly min_msg_count: number;
  readonly min_valid_basis_points: number;
  readonly auto_renew: boolean;
  readonly predicate: Hex;
}

interface EscrowAnswer {
  readonly escrow_number: number;
  readonly escrow_id: EscrowIdText;
  readonly ect: string;
  readonly kind: EscrowKind;
  readonly status: EscrowStatus;
  readonly mode: DeliveryMode;
  readonly buyer: Hex;
  readonly provider: Hex | null;
  readonly service_id: number | null;
  readonly version: number | null;
  readonly token: Hex;
  readonly price: string | null;
  readonly held: string;
  readonly fill_left: string;
  readonly paid_units: number;
  readonly refunded_units: number;
  readonly deadline: number | null;
  readonly started_at: number | null;
  readonly from_sequence: number;
  readonly last_batch_id: number;
  readonly proof: Hex | null;
  readonly message_count: number;
  readonly valid_count: number;
  readonly terms: TermsAnswer;
  readonly due?: string | null;
}

export interface EscrowInfo {
  readonly escrowId: EscrowIdText;
  /** Escrow Completion Token: `token-did:empic:…`. An identifier, never a secret. */
  readonly ect: string;
  readonly kind: EscrowKind;
  readonly status: EscrowStatus;
  readonly mode: DeliveryMode;
  readonly buyer: Hex;
  /** None while an intent waits for one. */
  readonly provider: Hex | undefined;
  readonly serviceId: number | undefined;
  readonly version: number | undefined;
  readonly token: Hex;
  /** Base units a unit; none while an intent waits: then the ceiling holds. */
  readonly price: bigint | undefined;
  readonly held: bigint;
  /** What may yet be drawn from the buyer's balance. */
  readonly fillLeft: bigint;
  readonly paidUnits: number;
  readonly refundedUnits: number;
  /** The next unit: what deliveries and answers name. */
  readonly unit: number;
  /** When the status lapses; none of a closed one. */
  readonly deadlineSec: number | undefined;
  readonly startedAtSec: number | undefined;
  /** Sequences of the session's readings begin here. */
  readonly fromSequence: number;
  readonly lastBatchId: number;
  /** Commitment or anchored root of the unit that is delivered or disputed. */
  readonly proof: Hex | undefined;
  readonly messageCount: number;
  readonly validCount: number;
  readonly terms: EscrowTermsInfo;
  /** What a poke would do at the asked time; `undefined`: nothing is due, or it was not asked. */
  readonly due: string | undefined;
}

/** What never changes of an escrow. */
export interface EscrowTermsInfo {
  readonly tag: string | undefined;
  readonly ceiling: bigint;
  /** Who may take the intent; nobody named: anybody. */
  readonly providers: readonly Hex[];
  readonly openedAtSec: number;
  readonly unitCount: number;
  readonly deliveryTimeSec: number;
  readonly answerTimeSec: number;
  readonly arbiter: Hex | undefined;
  readonly arbitrationTimeSec: number;
  readonly durationSec: number;
  readonly expectedMsgs: number;
  readonly minMsgCount: number;
  readonly minValidRatio: number;
  readonly autoRenew: boolean;
  readonly predicate: Predicate | undefined;
}

/**
 * One escrow with its terms.
 *
 * @param nowSec Block time to tell what is `due`; not asked unless told.
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { status, unit, held } = await getEscrow(client, { escrowId: "standard:0x…" });
 */
export async function getEscrow(
  client: Pick<TallyrollClient, "inspect">,
  { escrowId, nowSec }: { readonly escrowId: EscrowIdText; readonly nowSec?: number },
): Promise<EscrowInfo> {
  const now = nowSec === undefined ? {} : { now: nowSec };
  const query = { query: "escrow", escrow_id: escrowId, ...now };
  return fromEscrowAnswer(await client.inspect<EscrowAnswer>(query));
}

/** An answer to `escrow`, or one of those to a list of escrows. */
export function fromEscrowAnswer(answer: EscrowAnswer): EscrowInfo {
  return {
    escrowId: answer.escrow_id,
    ect: answer.ect,
    kind: answer.kind,
    status: answer.status,
    mode: answer.mode,
    buyer: answer.buyer,
    provider: answer.provider ?? undefined,
    serviceId: answer.service_id ?? undefined,
    version: answer.version ?? undefined,
    token: answer.token,
    price: answer.price === null ? undefined : BigInt(answer.price),
    held: BigInt(answer.held),
    fillLeft: BigInt(answer.fill_left),
    paidUnits: answer.paid_units,
    refundedUnits: answer.refunded_units,
    unit: answer.paid_units + answer.refunded_units + 1,
    deadlineSec: answer.deadline ?? undefined,
    startedAtSec: answer.started_at ?? undefined,
    fromSequence: answer.from_sequence,
    lastBatchId: answer.last_batch_id,
    proof: answer.proof ?? undefined,
    messageCount: answer.message_count,
    validCount: answer.valid_count,
    terms: fromTermsAnswer(answer.terms),
    due: answer.due ?? undefined,
  };
}

const fromTermsAnswer = (terms: TermsAnswer): EscrowTermsInfo => ({
  tag: terms.tag ?? undefined,
  ceiling: BigInt(terms.ceiling),
  providers: terms.providers,
  openedAtSec: terms.opened_at,
  unitCount: terms.unit_count,
  deliveryTimeSec: terms.delivery_time,
  answerTimeSec: terms.answer_time,
  arbiter: terms.arbiter ?? undefined,
  arbitrationTimeSec: terms.arbitration_time,
  durationSec: terms.duration,
  expectedMsgs: terms.expected_msgs,
  minMsgCount: terms.min_msg_count,
  minValidRatio: terms.min_valid_basis_points / 10_000,
  autoRenew: terms.auto_renew,
  predicate: decodePredicate(hexToBytes(terms.predicate)),
});
