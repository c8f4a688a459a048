import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { defineAction, readOwn } from "./define-action.ts";

export interface TransferOptions {
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  readonly to: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/**
 * Moves a balance to another account, inside the application.
 *
 * @throws OperationRefused: amount_zero, recipient_not_payable, balance_too_low.
 * @example
 * await transfer(client, { token: ETHER, to: "0xb0b…", amount: 5n });
 */
export const transfer = defineAction({
  body: ({ token, to, amount }: TransferOptions) => ({
    kind: "transfer",
    token: hexToBytes(token),
    to: hexToBytes(to),
    amount,
  }),
  read: (told) => readOwn("transfer", told),
});
