import { getBalance } from "../../client/actions/account-queries.ts";
import { ClientError } from "../../errors.ts";
import { formatAmount } from "../money/token-amounts.ts";
import type { ChosenToken } from "../money/token-option.ts";
import type { CommandActor } from "./act.ts";

/** The account has less in the application than it is about to move. */
class BalanceTooLow extends ClientError {
  override readonly name = "BalanceTooLow";
}

/**
 * Tells in the token's own units, and before anything is sent, what the application would refuse.
 * A signed operation for a relay may be meant for a later balance.
 */
export async function requireBalance(
  { client, address, isForRelay }: CommandActor,
  { token, amount, units }: ChosenToken & { readonly amount: bigint },
): Promise<void> {
  if (isForRelay) return;
  const balance = await getBalance(client, { account: address, token });
  if (balance >= amount) return;
  throw new BalanceTooLow(
    `The account has ${formatAmount(balance, units)} in the application, which is less than ` +
      `${formatAmount(amount, units)} (balance_too_low); nothing was sent.`,
    { whatToDo: "Deposit more first, or move less." },
  );
}
