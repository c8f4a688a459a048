import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { defineAction, readOwn } from "./define-action.ts";

export interface SetLowBalanceOptions {
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units; 0 ends the notices. */
  readonly threshold: bigint;
}

/**
 * Asks for the notice `BalanceLow` whenever the account's balance falls below a threshold.
 *
 * @throws What `applyOperation` throws.
 * @example
 * await setLowBalance(client, { token: ETHER, threshold: 10n ** 17n });
 */
export const setLowBalance = defineAction({
  body: ({ token, threshold }: SetLowBalanceOptions) => ({
    kind: "set_low_balance",
    token: hexToBytes(token),
    threshold,
  }),
  read: (told) => readOwn("set_low_balance", told),
});
