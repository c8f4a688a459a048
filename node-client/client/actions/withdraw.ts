import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { NoticeMissing } from "./apply-operation.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";

export interface WithdrawOptions {
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** Who is paid on chain; the withdrawing account by default. */
  readonly recipient?: Hex;
}

/**
 * Takes a balance out of the application, by a voucher that anybody may execute on chain.
 *
 * @throws OperationRefused: amount_zero, recipient_not_payable, balance_too_low.
 * @example
 * const { outputIndex } = await withdraw(client, { token: ETHER, amount: 5n });
 * await executeOutput(client, { outputIndex });
 */
export const withdraw = defineAction({
  body: ({ token, amount, recipient }: WithdrawOptions, { account }: Pick<Acting, "account">) => ({
    kind: "withdraw",
    token: hexToBytes(token),
    recipient: hexToBytes(recipient ?? account),
    amount,
  }),
  read: (told) => {
    const [payout] = told.vouchers;
    if (payout === undefined) throw new NoticeMissing(told.inputIndex, "of the payout's voucher");
    return { ...readOwn("withdraw", told), outputIndex: payout.outputIndex };
  },
});
