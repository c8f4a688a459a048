import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";
import type { TokenAmount } from "./ether.ts";
import { NoticeMissing } from "./operation-outcomes.ts";
import { ownAction } from "./own-action.ts";

export interface TransferOptions extends TokenAmount {
  readonly to: Hex;
}

/**
 * Moves a balance to another account, inside the application.
 *
 * @throws OperationRefused: amount_zero, recipient_not_payable, balance_too_low.
 * @example
 * await transfer(client, { token: ETHER, to: "0xb0b…", amount: 5n });
 */
export const transfer = ownAction("transfer", ({ token, to, amount }: TransferOptions) => ({
  token: hexToBytes(token),
  to: hexToBytes(to),
  amount,
}));

export interface WithdrawOptions extends TokenAmount {
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
export const setLowBalance = ownAction(
  "set_low_balance",
  ({ token, threshold }: SetLowBalanceOptions) => ({ token: hexToBytes(token), threshold }),
);

/**
 * Brings to the account's balance what is released of its bond (spec §14.3).
 *
 * @throws OperationRefused: bond_nothing_released.
 * @example
 * const { amount } = await withdrawBond(client, {});
 */
export const withdrawBond = ownAction("withdraw_bond", (_: Record<never, never>) => ({}));
