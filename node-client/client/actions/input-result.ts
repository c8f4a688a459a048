import type { Hex } from "../../../spec/outputs.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import type { DelegateCallVoucherOutput, VoucherOutput } from "./output-info.ts";

/** A verdict of the official node. `REJECTED` has refusals and neither notices nor vouchers. */
export type FinalInputStatus =
  | "ACCEPTED"
  | "REJECTED"
  | "EXCEPTION"
  | "MACHINE_HALTED"
  | `${string}_LIMIT_EXCEEDED`;

/** What became of one input. */
export interface InputResult {
  readonly inputIndex: number;
  readonly blockNumber: number;
  /** Where it was waited for by its transaction. */
  readonly transactionHash: Hex | undefined;
  readonly status: FinalInputStatus;
  /** In the order of the operations; `StateCommitted` comes last. */
  readonly notices: readonly Notice[];
  /** One a refused operation. An accepted input may have some, too. */
  readonly refusals: readonly RefusedOperation[];
  readonly vouchers: readonly (VoucherOutput | DelegateCallVoucherOutput)[];
}
