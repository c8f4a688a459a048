import { hexToBytes } from "viem";
import type { BodyOf, SignableBody } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import { type EscrowChange, fromEscrowNotices } from "../escrow/escrow-change.ts";
import { type EscrowIdText, toEscrowIdBytes } from "../escrow/escrow-id-text.ts";
import type { SignedReceipt } from "../escrow/receipt.ts";
import type { SessionAnchor } from "../escrow/session-anchor.ts";
import { type Action, defineAction } from "./define-action.ts";
import type { Told } from "./operation-outcomes.ts";

/** Which escrow an action is about. */
export interface EscrowOptions {
  /** Its text, or `referToEscrow` of the operation that opens it in the same input. */
  readonly escrowId: EscrowIdText | Uint8Array;
}

/** Which unit of it: the escrow's next one, `EscrowInfo.unit`. */
export interface EscrowUnitOptions extends EscrowOptions {
  readonly unit: number;
}

/** What an action, and what had lapsed before it, did to the escrow. */
export interface EscrowResult {
  readonly change: EscrowChange;
  readonly notices: readonly Notice[];
}

/** What all actions on an escrow that is there give. */
const readEscrowResult = ({ notices }: Told): EscrowResult => ({
  change: fromEscrowNotices(notices),
  notices,
});

/** The operations on an escrow that is there. */
type EscrowBody = Extract<SignableBody, { readonly escrowId: Uint8Array }>;

/** An action of such an operation, of its fields beside the escrow. */
const escrowAction = <Kind extends EscrowBody["kind"], Options extends EscrowOptions>(
  kind: Kind,
  toFields: (options: Options) => Omit<BodyOf<Kind>, "kind" | "escrowId">,
): Action<(options: Options) => BodyOf<Kind>, EscrowResult> =>
  defineAction({
    body: (options: Options) => {
      const { escrowId: id } = options;
      const escrowId = typeof id === "string" ? toEscrowIdBytes(id) : id;
      // As in `ownAction`: no compiler sees the body of a kind that it does not know.
      return { kind, escrowId, ...toFields(options) } as never;
    },
    read: readEscrowResult,
  });

export interface FundEscrowOptions extends EscrowOptions {
  /** Base units of the escrow's token. */
  readonly amount: bigint;
}

/**
 * Puts more money into an escrow. Anybody may; it is the buyer's if it is not used.
 *
 * @throws OperationRefused: escrow_…, amount_zero, balance_too_low.
 * @example
 * await fundEscrow(client, { escrowId, amount: 1_000n });
 */
export const fundEscrow = escrowAction("fund_escrow", ({ amount }: FundEscrowOptions) => ({
  amount,
}));

export interface SetEscrowAutoFillOptions extends EscrowOptions {
  /** Base units; 0 ends it. */
  readonly limit: bigint;
}

/**
 * Sets how much may yet be drawn from the buyer's balance when the escrow runs low.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await setEscrowAutoFill(buyerClient, { escrowId, limit: 10_000n });
 */
export const setEscrowAutoFill = escrowAction(
  "set_auto_fill",
  ({ limit }: SetEscrowAutoFillOptions) => ({ limit }),
);

export interface DeliverEscrowUnitOptions extends EscrowUnitOptions {
  /** A batch from after the last unit, where the service sells a stream. */
  readonly batchId?: number;
  /** 32 bytes, where it sells none. */
  readonly commitment?: Hex;
}

/**
 * Delivers a unit of a pull escrow: a batch of the service's stream, or a commitment to data that
 * goes another way.
 *
 * @throws OperationRefused: escrow_…, batch_not_found, delivery_….
 * @example
 * await deliverEscrowUnit(providerClient, { escrowId, unit: 1, batchId: 7 });
 */
export const deliverEscrowUnit = escrowAction(
  "deliver_unit",
  ({ unit, batchId = 0, commitment = "0x" }: DeliverEscrowUnitOptions) => ({
    ...{ unit, batchId },
    commitment: hexToBytes(commitment),
  }),
);

/**
 * Accepts a delivered unit: it is paid. Of a session, the thresholds judge the anchored counts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await acceptEscrowUnit(buyerClient, { escrowId, unit: 1 });
 */
export const acceptEscrowUnit = escrowAction("accept_unit", ({ unit }: EscrowUnitOptions) => ({
  unit,
}));

export interface RejectEscrowUnitOptions extends EscrowUnitOptions {
  /** A disproved batch of this unit: then nobody is asked. */
  readonly batchId?: number;
}

/**
 * Rejects a delivered unit: it goes to the arbiter, or is refunded and the escrow ends.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await rejectEscrowUnit(buyerClient, { escrowId, unit: 2 });
 */
export const rejectEscrowUnit = escrowAction(
  "reject_unit",
  ({ unit, batchId = 0 }: RejectEscrowUnitOptions) => ({ unit, batchId }),
);

export interface ArbitrateEscrowUnitOptions extends EscrowUnitOptions {
  /** Base units of the price that the provider gets; the buyer gets the rest. */
  readonly amount: bigint;
}

/**
 * The arbiter splits a disputed unit; the escrow ends.
 *
 * @throws OperationRefused: escrow_…, arbitration_over_price.
 * @example
 * await arbitrateEscrowUnit(arbiterClient, { escrowId, unit: 2, amount: 400n });
 */
export const arbitrateEscrowUnit = escrowAction(
  "arbitrate",
  ({ unit, amount }: ArbitrateEscrowUnitOptions) => ({ unit, amount }),
);

/**
 * Starts a session of a pubsub escrow.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * const { change } = await startEscrowSession(providerClient, { escrowId, unit: 1 });
 */
export const startEscrowSession = escrowAction("start_session", ({ unit }: EscrowUnitOptions) => ({
  unit,
}));

export interface AnchorEscrowSessionOptions extends EscrowUnitOptions, SessionAnchor {
  /** A batch of the session, where the service sells a stream. */
  readonly batchId?: number;
}

/**
 * Says what a session that is over had, while its buyer signed no receipt. See
 * `computeSessionAnchor`.
 *
 * @throws OperationRefused: escrow_…, session_not_over, session_counts_wrong,
 * delivery_….
 * @example
 * const anchor = computeSessionAnchor(client.crypto, messages);
 * await anchorEscrowSession(providerClient, { escrowId, unit: 1, ...anchor });
 */
export const anchorEscrowSession = escrowAction(
  "anchor_session",
  ({ unit, batchId = 0, root, messageCount, validCount }: AnchorEscrowSessionOptions) => ({
    ...{ unit, batchId, root, messageCount, validCount },
  }),
);

export interface RedeemEscrowReceiptOptions {
  readonly receipt: SignedReceipt;
  /** A batch of the session, where a pubsub service sells a stream. */
  readonly batchId?: number;
}

/**
 * Redeems what the buyer has signed: units are paid, or a session is judged by its thresholds.
 *
 * @throws OperationRefused: escrow_…, receipt_…, session_counts_wrong, delivery_….
 * @example
 * const { change } = await redeemEscrowReceipt(providerClient, { receipt });
 */
export const redeemEscrowReceipt = defineAction({
  body: ({ receipt, batchId = 0 }: RedeemEscrowReceiptOptions) => {
    const { escrowId, unit, messageCount, validCount, signature } = receipt;
    return {
      kind: "redeem_receipt",
      ...{ escrowId: toEscrowIdBytes(escrowId), unit, messageCount, validCount, batchId },
      signature: hexToBytes(signature),
    };
  },
  read: readEscrowResult,
});

/**
 * Ends an escrow before its last unit. The provider refunds what is outstanding; the buyer of an
 * active one leaves the provider the answer time to redeem receipts.
 *
 * @throws OperationRefused: escrow_….
 * @example
 * await endEscrow(buyerClient, { escrowId });
 */
export const endEscrow = escrowAction("end_escrow", () => ({}));

/**
 * Has applied what time has decided. Anybody may.
 *
 * @throws OperationRefused: escrow_not_found, escrow_nothing_due.
 * @example
 * const { change } = await pokeEscrow(client, { escrowId });
 */
export const pokeEscrow = escrowAction("poke_escrow", () => ({}));
