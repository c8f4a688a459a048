import { ClientError } from "../errors.ts";

/**
 * Why a look at the chain cannot be used:
 * - `provider`: no answer, or an error instead of one;
 * - `limit`: the provider refuses even a single block's logs;
 * - `malformed`: an answer that is none, or to another question;
 * - `state_missing`: the provider keeps no state of that block any more, and says so;
 * - `chain_moved`: blocks changed while they were being read;
 * - `logs_missing`: the provider left out logs of the blocks that were just read;
 * - `earlier_logs_missing`: it may have left them out before: read again from an earlier block.
 */
export type ChainReadFault =
  | "provider"
  | "limit"
  | "malformed"
  | "state_missing"
  | "chain_moved"
  | "logs_missing"
  | "earlier_logs_missing";

/** What was read is not used; asking again is right, and nothing was skipped. */
export class ChainReadError extends ClientError {
  override readonly name = "ChainReadError";
  readonly fault: ChainReadFault;

  constructor(fault: ChainReadFault, shortMessage: string, cause?: unknown) {
    super(shortMessage, {
      whatToDo:
        "Nothing was skipped and reading is tried again; if that does not help, use another RPC provider.",
      cause,
    });
    this.fault = fault;
  }
}
