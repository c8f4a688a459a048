import type { DeliveryMode } from "./service-operations.ts";

/** Bodies of the escrows' operations (spec §12). An `escrowId` has 16 bytes. */

export type EscrowKind = "standard" | "intent";
/** Statuses in which an escrow still holds money or may (spec §12.3). */
export const OPEN_ESCROW_STATUSES = [
  "offered",
  "active",
  "running",
  "delivered",
  "disputed",
  "ending",
] as const;
export type OpenEscrowStatus = (typeof OPEN_ESCROW_STATUSES)[number];
/** How an escrow ended, with the code that `EscrowClosed` carries. */
export const ESCROW_ENDINGS = { released: 1, refunded: 2, expired: 3 } as const;
export type EscrowEnding = keyof typeof ESCROW_ENDINGS;
export type EscrowStatus = OpenEscrowStatus | EscrowEnding;
export const ESCROW_STATUSES: readonly EscrowStatus[] = [
  ...OPEN_ESCROW_STATUSES,
  "released",
  "refunded",
  "expired",
];

/** What the buyer asks for beside price and provider; snapshotted at opening (spec §12.2). */
export interface EscrowTerms {
  /** Units (pulls or sessions) after which the escrow is over. */
  readonly unitCount: number;
  /** How long the provider may take from one unit to the next. */
  readonly deliveryTimeSec: number;
  /** How long the buyer may take to answer; and the provider to anchor a session that is over. */
  readonly answerTimeSec: number;
  /** Who decides what the buyer rejects; the zero address: nobody, a rejected unit is refunded. */
  readonly arbiter: Uint8Array;
  readonly arbitrationTimeSec: number;
  /** Base units that may be drawn from the buyer's balance in total when the escrow runs low. */
  readonly autoFillLimit: bigint;
  /** Length of a session; 0 in pull mode. */
  readonly durationSec: number;
  /** Messages a session is to have; 0 in pull mode. Not judged: what the thresholds refer to. */
  readonly expectedMsgs: number;
  /** Fewest messages of a paid session, or readings of a judged unit. */
  readonly minMsgCount: number;
  /** Least share of valid ones, in hundredths of a percent: 7,500 is 0.75. */
  readonly minValidBasisPoints: number;
  /** The next session starts when one is settled; otherwise the escrow ends with its first. */
  readonly autoRenew: boolean;
  /** What the machine judges by (spec §12.8), or nothing: then buyer and provider judge. */
  readonly predicate: Uint8Array;
}

/** Opens and funds an escrow on one service. The version is named, so that no price surprises. */
export interface OpenEscrow {
  readonly kind: "open_escrow";
  readonly serviceId: number;
  readonly version: number;
  /** Base units from the buyer's balance, at least one unit's price. */
  readonly amount: bigint;
  readonly terms: EscrowTerms;
}

/** Opens and funds an escrow that any fitting provider may take. */
export interface OpenIntent {
  readonly kind: "open_intent";
  readonly tag: string;
  readonly mode: DeliveryMode;
  readonly token: Uint8Array;
  /** The most that a unit may cost. */
  readonly ceiling: bigint;
  readonly acceptTimeSec: number;
  /** Who may take it; nobody named: anybody. */
  readonly providers: readonly Uint8Array[];
  readonly amount: bigint;
  readonly terms: EscrowTerms;
}

/** The provider takes an intent with the version that was current when it was opened. */
export interface AcceptIntent {
  readonly kind: "accept_intent";
  readonly escrowId: Uint8Array;
  readonly serviceId: number;
  readonly version: number;
}

/** The provider delivers a pull: a batch of the service's stream, or a commitment to data. */
export interface DeliverUnit {
  readonly kind: "deliver_unit";
  readonly escrowId: Uint8Array;
  /** The next unit, counted from 1: so that nothing said twice counts twice. */
  readonly unit: number;
  /** 0 where the service sells no stream. */
  readonly batchId: number;
  /** 32 bytes where the service sells no stream, else none. */
  readonly commitment: Uint8Array;
}

/** The provider starts a session. */
export interface StartSession {
  readonly kind: "start_session";
  readonly escrowId: Uint8Array;
  readonly unit: number;
}

/** The provider's word about a session that is over, while the buyer signed no receipt. */
export interface AnchorSession {
  readonly kind: "anchor_session";
  readonly escrowId: Uint8Array;
  readonly unit: number;
  /** A batch sent in the session, where the service sells a stream; else 0. */
  readonly batchId: number;
  /** Merkle root (RFC 9162) over the session's messages. */
  readonly root: Uint8Array;
  readonly messageCount: number;
  readonly validCount: number;
}

/** The provider redeems what the buyer signed off chain (spec §12.6). */
export interface RedeemReceipt {
  readonly kind: "redeem_receipt";
  readonly escrowId: Uint8Array;
  /** Pull: how many units are accepted in all. Pubsub: the session. */
  readonly unit: number;
  /** Pubsub only; 0 in pull mode. */
  readonly messageCount: number;
  readonly validCount: number;
  /** As in `AnchorSession`; 0 in pull mode. */
  readonly batchId: number;
  /** The buyer's r ‖ s ‖ v over the receipt. */
  readonly signature: Uint8Array;
}

export interface AcceptUnit {
  readonly kind: "accept_unit";
  readonly escrowId: Uint8Array;
  readonly unit: number;
}

export interface RejectUnit {
  readonly kind: "reject_unit";
  readonly escrowId: Uint8Array;
  readonly unit: number;
  /** A disproved batch of this unit, which refunds it whatever an arbiter would say; else 0. */
  readonly batchId: number;
}

/** The arbiter splits a disputed unit. */
export interface Arbitrate {
  readonly kind: "arbitrate";
  readonly escrowId: Uint8Array;
  readonly unit: number;
  /** What the provider gets of the unit's price; the buyer gets the rest. */
  readonly amount: bigint;
}

/** Buyer or provider ends the escrow before its last unit. */
export interface EndEscrow {
  readonly kind: "end_escrow";
  readonly escrowId: Uint8Array;
}

/** Anybody adds money; it becomes the buyer's if it is not used. */
export interface FundEscrow {
  readonly kind: "fund_escrow";
  readonly escrowId: Uint8Array;
  readonly amount: bigint;
}

/** The buyer sets how much may yet be drawn from his balance; 0 ends it. */
export interface SetAutoFill {
  readonly kind: "set_auto_fill";
  readonly escrowId: Uint8Array;
  readonly limit: bigint;
}

/** Anybody has applied what time has decided. */
export interface PokeEscrow {
  readonly kind: "poke_escrow";
  readonly escrowId: Uint8Array;
}

export type EscrowBody =
  | OpenEscrow
  | OpenIntent
  | AcceptIntent
  | DeliverUnit
  | StartSession
  | AnchorSession
  | RedeemReceipt
  | AcceptUnit
  | RejectUnit
  | Arbitrate
  | EndEscrow
  | FundEscrow
  | SetAutoFill
  | PokeEscrow;
