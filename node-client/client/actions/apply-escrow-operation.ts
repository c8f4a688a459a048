import type { EscrowBody } from "../../../spec/escrow-operations.ts";
import { type EscrowChange, fromEscrowNotices } from "../escrow/escrow-change.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import { type AppliedAt, type ApplyOptions, applyForNotices } from "./apply-operation.ts";
import type { Notice } from "./decode-notice.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Which escrow an action is about. */
export interface EscrowOptions extends ApplyOptions {
  readonly escrowId: EscrowIdText;
}

/** Which unit of it: the escrow's next one, `EscrowInfo.unit`. */
export interface EscrowUnitOptions extends EscrowOptions {
  readonly unit: number;
}

/** What the action, and what had lapsed before it, did to the escrow. */
export interface EscrowResult extends AppliedAt {
  readonly escrowId: EscrowIdText;
  readonly change: EscrowChange;
  readonly notices: readonly Notice[];
}

/**
 * Sends one operation on an escrow that is there, and tells what it did.
 *
 * @throws OperationRefused with the rule that it broke, and what `applyOperation` throws.
 */
export async function applyEscrowOperation(
  client: TallyrollClient,
  body: EscrowBody,
  { escrowId, ...options }: EscrowOptions,
): Promise<EscrowResult> {
  const { at, notices } = await applyForNotices(client, body, options);
  return { ...at, escrowId, change: fromEscrowNotices(notices), notices };
}
