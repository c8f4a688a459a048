import type { Notice } from "../decoding/decode-notice.ts";
import { type EscrowChange, fromEscrowNotices } from "../escrow/escrow-change.ts";
import type { EscrowIdText } from "../escrow/escrow-id-text.ts";
import type { Told } from "./apply-operation.ts";

/** Which escrow an action is about. */
export interface EscrowOptions {
  readonly escrowId: EscrowIdText;
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
export const readEscrowResult = ({ notices }: Told): EscrowResult => ({
  change: fromEscrowNotices(notices),
  notices,
});
