import { type DeclaredBody, declareOperation } from "./declare-operation.ts";
import { declareStruct, type StructOf } from "./field-layout.ts";
import {
  BASIS_POINTS,
  INTENT_PROVIDERS_MAX,
  MESSAGES_MAX,
  PREDICATE_BYTES_MAX,
  TERM_SEC_MAX,
  UNITS_MAX,
} from "./limits.ts";
import { DELIVERY_MODES } from "./service-operations.ts";
import type { Fields } from "./wire-fields.ts";

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

const unit = (f: Fields) => f.count(UNITS_MAX);
const messages = (f: Fields, note?: string) => f.count(MESSAGES_MAX, note);

/** What the buyer asks for beside price and provider; snapshotted at opening (spec §12.2). */
const TERMS = declareStruct("EscrowTerms", "terms", (f) => ({
  /** Units (pulls or sessions) after which the escrow is over. */
  unitCount: unit(f),
  /** How long the provider may take from one unit to the next. */
  deliveryTimeSec: f.seconds(TERM_SEC_MAX, "deliveryTime"),
  /** How long the buyer may take to answer; and the provider to anchor a session that is over. */
  answerTimeSec: f.seconds(TERM_SEC_MAX, "answerTime"),
  /** Who decides what the buyer rejects; the zero address: nobody, a rejected unit is refunded. */
  arbiter: f.address("zero: none"),
  arbitrationTimeSec: f.seconds(TERM_SEC_MAX, "arbitrationTime"),
  /** Base units that may be drawn from the buyer's balance in total when the escrow runs low. */
  autoFillLimit: f.amount(),
  /** Length of a session; 0 in pull mode. */
  durationSec: f.seconds(TERM_SEC_MAX, "duration"),
  /** Messages a session is to have; 0 in pull mode. Not judged: what the thresholds refer to. */
  expectedMsgs: messages(f, "expected messages"),
  /** Fewest messages of a paid session, or readings of a judged unit. */
  minMsgCount: messages(f, "least messages"),
  /** Least share of valid ones, in hundredths of a percent: 7,500 is 0.75. */
  minValidBasisPoints: f.count(BASIS_POINTS, "least valid, in 1/10,000"),
  /** The next session starts when one is settled; otherwise the escrow ends with its first. */
  autoRenew: f.flag(),
  /** What the machine judges by (spec §12.8), or nothing: then buyer and provider judge. */
  predicate: f.bytes(0, PREDICATE_BYTES_MAX),
}));
export type EscrowTerms = StructOf<typeof TERMS>;

/** Operations on escrows (spec §12). */
export const ESCROW_OPERATIONS = {
  /** Opens and funds an escrow on one service. The version is named, so that no price surprises. */
  open_escrow: declareOperation(26, { party: "buyer", notices: ["EscrowOpened"] }, (f) => ({
    kind: "open_escrow",
    serviceId: f.id("service"),
    version: f.counter(),
    /** Base units from the buyer's balance, at least one unit's price. */
    amount: f.amount(),
    terms: f.struct(TERMS),
  })),
  /** Opens and funds an escrow that any fitting provider may take. */
  open_intent: declareOperation(27, { party: "buyer", notices: ["IntentOpened"] }, (f) => ({
    kind: "open_intent",
    tag: f.text(),
    mode: f.choice(DELIVERY_MODES),
    token: f.address(),
    /** The most that a unit may cost. */
    ceiling: f.amount(),
    acceptTimeSec: f.seconds(TERM_SEC_MAX, "acceptTime"),
    /** Who may take it; nobody named: anybody. */
    providers: f.list(INTENT_PROVIDERS_MAX, (entry) => entry.address()),
    amount: f.amount(),
    terms: f.struct(TERMS),
  })),
  /** The provider takes an intent with the version that was current when it was opened. */
  accept_intent: declareOperation(
    28,
    { party: "a provider", notices: ["IntentAccepted"] },
    (f) => ({
      kind: "accept_intent",
      escrowId: f.escrowId(),
      serviceId: f.id("service"),
      version: f.counter(),
    }),
  ),
  /** The provider delivers a pull: a batch of the service's stream, or a commitment to data. */
  deliver_unit: declareOperation(29, { party: "provider", notices: ["UnitDelivered"] }, (f) => ({
    kind: "deliver_unit",
    escrowId: f.escrowId(),
    /** The next unit, counted from 1: so that nothing said twice counts twice. */
    unit: unit(f),
    /** 0 where the service sells no stream. */
    batchId: f.id("batch", "or 0"),
    /** 32 bytes where the service sells no stream, else none. */
    commitment: f.optionalBytes(32),
  })),
  /** The provider starts a session. */
  start_session: declareOperation(30, { party: "provider", notices: ["SessionStarted"] }, (f) => ({
    kind: "start_session",
    escrowId: f.escrowId(),
    unit: unit(f),
  })),
  /** The provider's word about a session that is over, while the buyer signed no receipt. */
  anchor_session: declareOperation(
    31,
    { party: "provider", notices: ["SessionAnchored"] },
    (f) => ({
      kind: "anchor_session",
      escrowId: f.escrowId(),
      unit: unit(f),
      /** A batch sent in the session, where the service sells a stream; else 0. */
      batchId: f.id("batch", "or 0"),
      /** Merkle root (RFC 9162) over the session's messages. */
      root: f.bytes(32),
      messageCount: messages(f),
      validCount: messages(f),
    }),
  ),
  /** The provider redeems what the buyer signed off chain (spec §12.6). */
  redeem_receipt: declareOperation(
    32,
    { party: "provider", notices: ["UnitsReleased", "UnitRefunded"] },
    (f) => ({
      kind: "redeem_receipt",
      escrowId: f.escrowId(),
      /** Pull: how many units are accepted in all. Pubsub: the session. */
      unit: unit(f),
      /** Pubsub only; 0 in pull mode. */
      messageCount: messages(f),
      validCount: messages(f),
      /** As in `anchor_session`; 0 in pull mode. */
      batchId: f.id("batch", "or 0"),
      /** The buyer's, over the receipt. */
      signature: f.signature(),
    }),
  ),
  accept_unit: declareOperation(
    33,
    { party: "buyer", notices: ["UnitsReleased", "UnitRefunded"] },
    (f) => ({ kind: "accept_unit", escrowId: f.escrowId(), unit: unit(f) }),
  ),
  reject_unit: declareOperation(
    34,
    { party: "buyer", notices: ["UnitDisputed", "UnitRefunded"] },
    (f) => ({
      kind: "reject_unit",
      escrowId: f.escrowId(),
      unit: unit(f),
      /** A disproved batch of this unit, which refunds it whatever an arbiter would say; else 0. */
      batchId: f.id("batch", "or 0"),
    }),
  ),
  /** The arbiter splits a disputed unit. */
  arbitrate: declareOperation(
    35,
    { party: "arbiter", notices: ["UnitsReleased", "UnitRefunded"] },
    (f) => ({
      kind: "arbitrate",
      escrowId: f.escrowId(),
      unit: unit(f),
      /** What the provider gets of the unit's price; the buyer gets the rest. */
      amount: f.amount(),
    }),
  ),
  /** Buyer or provider ends the escrow before its last unit. */
  end_escrow: declareOperation(
    36,
    { party: "buyer, provider", notices: ["EscrowEnding", "EscrowClosed"] },
    (f) => ({ kind: "end_escrow", escrowId: f.escrowId() }),
  ),
  /** Anybody adds money; it becomes the buyer's if it is not used. */
  fund_escrow: declareOperation(37, { party: "anybody", notices: ["EscrowFunded"] }, (f) => ({
    kind: "fund_escrow",
    escrowId: f.escrowId(),
    amount: f.amount(),
  })),
  /** The buyer sets how much may yet be drawn from their balance; 0 ends it. */
  set_auto_fill: declareOperation(38, { party: "buyer", notices: ["AutoFillSet"] }, (f) => ({
    kind: "set_auto_fill",
    escrowId: f.escrowId(),
    limit: f.amount(),
  })),
  /** Anybody has applied what time has decided. */
  poke_escrow: declareOperation(
    39,
    { party: "anybody", notices: ["UnitsReleased", "UnitRefunded", "EscrowClosed"] },
    (f) => ({ kind: "poke_escrow", escrowId: f.escrowId() }),
  ),
};

export type EscrowBody = DeclaredBody<typeof ESCROW_OPERATIONS, keyof typeof ESCROW_OPERATIONS>;
