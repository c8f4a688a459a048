import type { Hex } from "../../../spec/outputs.ts";

/** Ether where a token is asked for: the zero address. */
export const ETHER: Hex = "0x0000000000000000000000000000000000000000";

/** So much of one token. */
export interface TokenAmount {
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}
