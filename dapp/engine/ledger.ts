import { AMOUNT_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Transfer, Withdraw } from "../../spec/operations.ts";
import { refuse } from "../../spec/refusals.ts";
import { encodeWithdrawal } from "../../spec/vouchers.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { invariant } from "./invariant.ts";
import { hex, type OperationContext, type Outcome } from "./operation-context.ts";
import type { Store, TokenRow } from "./store.ts";

/** §5.3 Moves money between two accounts of the application. */
export function applyTransfer(body: Transfer, context: OperationContext): Outcome {
  const { store, actor } = context;
  if (body.amount === 0n) return refuse("amount_zero");
  if (isZero(body.to)) return refuse("recipient_not_payable", "the zero address");
  const balance = store.getBalance(actor, body.token);
  if (balance < body.amount) {
    return refuse("balance_too_low", `has ${balance}, needs ${body.amount}`);
  }

  // COMMIT POINT: a failure below is our bug, never the sender's.
  store.putBalance(actor, body.token, balance - body.amount);
  const received = store.getBalance(body.to, body.token) + body.amount;
  invariant(received <= AMOUNT_MAX, "a balance never exceeds what was deposited");
  store.putBalance(body.to, body.token, received);
  assertConservation(store, body.token);
  return [encodeNotice("Transferred", [hex(actor), hex(body.to), hex(body.token), body.amount])];
}

/** §5.4 Takes money out, by a voucher that anybody executes once its epoch is claimed. */
export function applyWithdraw(body: Withdraw, context: OperationContext): Outcome {
  const { store, actor, at } = context;
  const { token, recipient, amount } = body;
  if (amount === 0n) return refuse("amount_zero");
  if (isZero(recipient)) return refuse("recipient_not_payable", "the zero address");
  if (equalBytes(recipient, at.app)) {
    return refuse("recipient_not_payable", "the application itself");
  }
  const balance = store.getBalance(actor, token);
  if (balance < amount) return refuse("balance_too_low", `has ${balance}, needs ${amount}`);

  // COMMIT POINT
  const row = store.getToken(token);
  invariant(row !== undefined, "a balance has a token");
  store.putBalance(actor, token, balance - amount);
  store.putToken({
    ...row,
    inBalances: row.inBalances - amount,
    withdrawn: row.withdrawn + amount,
  });
  assertConservation(store, token);
  return [
    encodeWithdrawal(token, recipient, amount),
    encodeNotice("Withdrawn", [hex(actor), hex(recipient), hex(token), amount]),
  ];
}

/** §5.2 Credits a deposit; `false` where the token claims more than 256 bits hold in total. */
export function creditDeposit(
  store: Store,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): boolean {
  const row = store.getToken(token) ?? { token, deposited: 0n, withdrawn: 0n, inBalances: 0n };
  if (row.deposited + amount > AMOUNT_MAX) return false;

  // COMMIT POINT
  store.putToken({
    ...row,
    deposited: row.deposited + amount,
    inBalances: row.inBalances + amount,
  });
  store.putBalance(account, token, store.getBalance(account, token) + amount);
  assertConservation(store, token);
  return true;
}

/** §5.5 deposits = balances + withdrawn, after every operation that moved the token. */
function assertConservation(store: Store, token: Uint8Array): void {
  const row = store.getToken(token) as TokenRow;
  invariant(row.deposited === row.inBalances + row.withdrawn, "money is conserved");
  invariant(row.inBalances >= 0n && row.withdrawn >= 0n, "no total is negative");
}
