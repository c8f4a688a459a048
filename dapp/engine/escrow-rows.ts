import type { EscrowKind, EscrowStatus, EscrowTerms } from "../../spec/escrow-operations.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";

/** Rows of the escrows (spec §12), as the engine sees them. */

export interface EscrowRow {
  /** Counted from 1; only the tables know it, everybody else the escrow's id. */
  readonly escrowNumber: number;
  readonly status: EscrowStatus;
  readonly buyer: Uint8Array;
  /** `null` until an intent is accepted. */
  readonly provider: Uint8Array | null;
  readonly versionId: number | null;
  readonly held: bigint;
  /** What may yet be drawn from the buyer's balance. */
  readonly fillLeft: bigint;
  readonly paidUnits: number;
  readonly refundedUnits: number;
  /** When the status lapses; `null` once it is terminal. */
  readonly deadlineSec: number | null;
  /** When the running or anchored session started. */
  readonly startedAtSec: number | null;
  /** The stream's next sequence when the session started; 0 otherwise. */
  readonly fromSequence: number;
  /** A unit's batch has a higher identifier: batches from before are not sold, none twice. */
  readonly lastBatchId: number;
  /** Commitment or anchored root of the unit that is delivered or disputed. */
  readonly proof: Uint8Array | null;
  readonly messageCount: number;
  readonly validCount: number;
}

/** What never changes of an escrow. The auto-fill limit does: it is the row's `fillLeft`. */
export interface EscrowTermsRow extends Omit<EscrowTerms, "autoFillLimit"> {
  readonly escrowNumber: number;
  readonly escrowId: Uint8Array;
  readonly ect: Uint8Array;
  readonly escrowKind: EscrowKind;
  readonly mode: DeliveryMode;
  /** Empty for a standard escrow. */
  readonly tag: string;
  readonly token: Uint8Array;
  readonly ceiling: bigint;
  /** `computePosition` of the opening operation. */
  readonly position: number;
  readonly openedAtSec: number;
  readonly providers: readonly Uint8Array[];
}

/** Of the terms, what every transition asks for; the rest only acceptance and queries do. */
export type EscrowRules = Omit<
  EscrowTermsRow,
  | "escrowNumber"
  | "escrowId"
  | "ect"
  | "escrowKind"
  | "tag"
  | "ceiling"
  | "position"
  | "openedAtSec"
  | "providers"
>;

/** A batch without its body. */
export interface BatchHead {
  readonly batchId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly readingCount: number;
  readonly commitment: Uint8Array;
  readonly isDisproved: boolean;
}

export interface EscrowRows {
  getNextEscrowNumber(): number;
  getEscrowNumber(escrowId: Uint8Array): number | undefined;
  getEscrow(escrowNumber: number): EscrowRow | undefined;
  insertEscrow(row: EscrowRow, terms: EscrowTermsRow): void;
  /** Changes everything but number and buyer. */
  updateEscrow(row: EscrowRow): void;
  /** Never change, so the same frozen object as long as it stays cached. */
  getEscrowRules(escrowNumber: number): EscrowRules | undefined;
  getEscrowTerms(escrowNumber: number): EscrowTermsRow | undefined;
  /** Without reading the body, which may be large. */
  getBatchHead(batchId: number): BatchHead | undefined;
  /** As `listBatches`, without the bodies. */
  listBatchHeads(streamId: number, fromSequence: number, limit: number): readonly BatchHead[];

  /** Escrows above `afterNumber`, ascending, open and closed ones. */
  listEscrowsOfBuyer(buyer: Uint8Array, afterNumber: number, limit: number): readonly EscrowRow[];
  listEscrowsOfProvider(
    provider: Uint8Array,
    afterNumber: number,
    limit: number,
  ): readonly EscrowRow[];
  /** Intents of any tag that nobody has taken, closed ones too. */
  listUntakenIntents(afterNumber: number, limit: number): readonly EscrowRow[];
}
