import { encodeUint, type Wire } from "./codec.ts";
import type { EscrowBody, EscrowTerms } from "./escrow-operations.ts";
import {
  BASIS_POINTS,
  COUNTER_MAX,
  INTENT_PROVIDERS_MAX,
  MESSAGES_MAX,
  PREDICATE_BYTES_MAX,
  TERM_SEC_MAX,
  UNITS_MAX,
} from "./limits.ts";
import { DELIVERY_MODES } from "./service-operations.ts";
import type { Fields } from "./wire-fields.ts";

type Decoders = { [K in EscrowBody["kind"]]: (f: Fields) => Extract<EscrowBody, { kind: K }> };

function decodeTerms(f: Fields): EscrowTerms {
  return {
    unitCount: f.count(UNITS_MAX),
    deliveryTimeSec: f.count(TERM_SEC_MAX),
    answerTimeSec: f.count(TERM_SEC_MAX),
    arbiter: f.bytes(20),
    arbitrationTimeSec: f.count(TERM_SEC_MAX),
    autoFillLimit: f.amount(),
    durationSec: f.count(TERM_SEC_MAX),
    expectedMsgs: f.count(MESSAGES_MAX),
    minMsgCount: f.count(MESSAGES_MAX),
    minValidBasisPoints: f.count(BASIS_POINTS),
    autoRenew: f.flag(),
    predicate: f.bytes(0, PREDICATE_BYTES_MAX),
  };
}

const encodeTerms = (terms: EscrowTerms): Wire[] => [
  terms.unitCount,
  terms.deliveryTimeSec,
  terms.answerTimeSec,
  terms.arbiter,
  terms.arbitrationTimeSec,
  encodeUint(terms.autoFillLimit),
  terms.durationSec,
  terms.expectedMsgs,
  terms.minMsgCount,
  terms.minValidBasisPoints,
  terms.autoRenew,
  terms.predicate,
];

const escrowId = (f: Fields): Uint8Array => f.bytes(16);
const unit = (f: Fields): number => f.count(UNITS_MAX);
const id = (f: Fields): number => f.count(COUNTER_MAX);
const messages = (f: Fields): number => f.count(MESSAGES_MAX);

/** How the escrows' bodies are read; fields in the order of the wire (spec §12.1). */
export const ESCROW_DECODERS: Decoders = {
  open_escrow: (f) => ({
    kind: "open_escrow",
    serviceId: id(f),
    version: id(f),
    amount: f.amount(),
    terms: f.struct(decodeTerms),
  }),
  open_intent: (f) => ({
    kind: "open_intent",
    tag: f.text(),
    mode: f.choice(DELIVERY_MODES),
    token: f.bytes(20),
    ceiling: f.amount(),
    acceptTimeSec: f.count(TERM_SEC_MAX),
    providers: f.list(INTENT_PROVIDERS_MAX, (entry) => entry.bytes(20)),
    amount: f.amount(),
    terms: f.struct(decodeTerms),
  }),
  accept_intent: (f) => ({
    kind: "accept_intent",
    escrowId: escrowId(f),
    serviceId: id(f),
    version: id(f),
  }),
  deliver_unit: (f) => ({
    kind: "deliver_unit",
    escrowId: escrowId(f),
    unit: unit(f),
    batchId: id(f),
    commitment: f.optionalBytes(32),
  }),
  start_session: (f) => ({ kind: "start_session", escrowId: escrowId(f), unit: unit(f) }),
  anchor_session: (f) => ({
    kind: "anchor_session",
    escrowId: escrowId(f),
    unit: unit(f),
    batchId: id(f),
    root: f.bytes(32),
    messageCount: messages(f),
    validCount: messages(f),
  }),
  redeem_receipt: (f) => ({
    kind: "redeem_receipt",
    escrowId: escrowId(f),
    unit: unit(f),
    messageCount: messages(f),
    validCount: messages(f),
    batchId: id(f),
    signature: f.bytes(65),
  }),
  accept_unit: (f) => ({ kind: "accept_unit", escrowId: escrowId(f), unit: unit(f) }),
  reject_unit: (f) => ({
    kind: "reject_unit",
    escrowId: escrowId(f),
    unit: unit(f),
    batchId: id(f),
  }),
  arbitrate: (f) => ({
    kind: "arbitrate",
    escrowId: escrowId(f),
    unit: unit(f),
    amount: f.amount(),
  }),
  end_escrow: (f) => ({ kind: "end_escrow", escrowId: escrowId(f) }),
  fund_escrow: (f) => ({ kind: "fund_escrow", escrowId: escrowId(f), amount: f.amount() }),
  set_auto_fill: (f) => ({ kind: "set_auto_fill", escrowId: escrowId(f), limit: f.amount() }),
  poke_escrow: (f) => ({ kind: "poke_escrow", escrowId: escrowId(f) }),
};

/** The wire form of an escrow's body. */
export function encodeEscrowBody(body: EscrowBody): Wire {
  switch (body.kind) {
    case "open_escrow": {
      const { serviceId, version, amount, terms } = body;
      const head: Wire[] = [encodeUint(serviceId), encodeUint(version), encodeUint(amount)];
      return [...head, encodeTerms(terms)];
    }
    case "open_intent": {
      const { tag, mode, token, ceiling, acceptTimeSec, providers, amount, terms } = body;
      const head: Wire[] = [tag, DELIVERY_MODES.indexOf(mode), token, encodeUint(ceiling)];
      return [...head, acceptTimeSec, providers, encodeUint(amount), encodeTerms(terms)];
    }
    case "accept_intent":
      return [body.escrowId, encodeUint(body.serviceId), encodeUint(body.version)];
    case "deliver_unit":
      return [body.escrowId, body.unit, encodeUint(body.batchId), body.commitment];
    case "anchor_session": {
      const { batchId, root, messageCount, validCount } = body;
      return [body.escrowId, body.unit, encodeUint(batchId), root, messageCount, validCount];
    }
    case "redeem_receipt": {
      const { messageCount, validCount, batchId, signature } = body;
      const counts: Wire[] = [messageCount, validCount, encodeUint(batchId)];
      return [body.escrowId, body.unit, ...counts, signature];
    }
    case "start_session":
    case "accept_unit":
      return [body.escrowId, body.unit];
    case "reject_unit":
      return [body.escrowId, body.unit, encodeUint(body.batchId)];
    case "arbitrate":
      return [body.escrowId, body.unit, encodeUint(body.amount)];
    case "fund_escrow":
      return [body.escrowId, encodeUint(body.amount)];
    case "set_auto_fill":
      return [body.escrowId, encodeUint(body.limit)];
    case "end_escrow":
    case "poke_escrow":
      return [body.escrowId];
  }
}
