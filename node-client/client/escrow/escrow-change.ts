import { ESCROW_ENDINGS, type EscrowEnding } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type Notice, toNativeFields } from "../decoding/decode-notice.ts";

/** What an operation, and what had lapsed before it, did to an escrow: each part only if it did. */
export interface EscrowChange {
  readonly delivered?: {
    readonly unit: number;
    readonly batchId: number;
    readonly commitment: Hex;
    readonly answerUntilSec: number;
  };
  readonly started?: {
    readonly unit: number;
    readonly startedAtSec: number;
    readonly endsAtSec: number;
  };
  readonly anchored?: {
    readonly unit: number;
    readonly root: Hex;
    readonly messageCount: number;
    readonly validCount: number;
    readonly answerUntilSec: number;
  };
  readonly disputed?: {
    readonly unit: number;
    readonly arbiter: Hex;
    readonly arbitrationUntilSec: number;
  };
  /** Units that were paid, over all of them. */
  readonly released?: {
    readonly firstUnit: number;
    readonly count: number;
    readonly payee: Hex;
    readonly amount: bigint;
  };
  readonly refunded?: { readonly unit: number; readonly count: number; readonly amount: bigint };
  /** Drawn from the buyer's balance. */
  readonly filled?: bigint;
  /** What is held does not pay the next unit. */
  readonly low?: { readonly held: bigint; readonly price: bigint };
  readonly endingUntilSec?: number;
  readonly closed?: { readonly ending: EscrowEnding; readonly returned: bigint };
}

/** The notices of one operation on one escrow as what they come to. */
export function fromEscrowNotices(notices: readonly Notice[]): EscrowChange {
  let change: EscrowChange = {};
  for (const notice of notices) change = { ...change, ...read(notice, change) };
  return change;
}

function read(notice: Notice, { released, refunded, filled }: EscrowChange): EscrowChange {
  switch (notice.name) {
    case "UnitDelivered": {
      const { escrowId: _, answerUntil, ...delivered } = toNativeFields(notice.args);
      return { delivered: { ...delivered, answerUntilSec: answerUntil } };
    }
    case "SessionStarted": {
      const { unit, startedAt: startedAtSec, endsAt: endsAtSec } = toNativeFields(notice.args);
      return { started: { unit, startedAtSec, endsAtSec } };
    }
    case "SessionAnchored": {
      const { escrowId: _, answerUntil, ...anchored } = toNativeFields(notice.args);
      return { anchored: { ...anchored, answerUntilSec: answerUntil } };
    }
    case "UnitDisputed": {
      const { unit, arbiter, arbitrationUntil } = toNativeFields(notice.args);
      return { disputed: { unit, arbiter, arbitrationUntilSec: arbitrationUntil } };
    }
    case "UnitsReleased": {
      const { firstUnit, count, payee, amount } = toNativeFields(notice.args);
      const before = released ?? { firstUnit, count: 0, payee, amount: 0n };
      return {
        released: { ...before, count: before.count + count, amount: before.amount + amount },
      };
    }
    case "UnitRefunded": {
      const { unit, amount } = toNativeFields(notice.args);
      const before = refunded ?? { unit, count: 0, amount: 0n };
      return { refunded: { ...before, count: before.count + 1, amount: before.amount + amount } };
    }
    case "EscrowFunded":
      return notice.args.isAutoFill ? { filled: (filled ?? 0n) + notice.args.amount } : {};
    case "EscrowLow":
      return { low: { held: notice.args.held, price: notice.args.price } };
    case "EscrowEnding":
      return { endingUntilSec: Number(notice.args.endsAt) };
    case "EscrowClosed":
      return { closed: { ending: toEnding(notice.args.ending), returned: notice.args.returned } };
    default:
      return {};
  }
}

function toEnding(code: bigint): EscrowEnding {
  const endings = Object.keys(ESCROW_ENDINGS) as EscrowEnding[];
  return endings.find((name) => BigInt(ESCROW_ENDINGS[name]) === code) ?? "expired";
}
