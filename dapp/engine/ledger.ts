import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { refuse } from "../../spec/refusals.ts";
import { encodeWithdrawal } from "../../spec/vouchers.ts";
import {
  assertConservation,
  balanceOf,
  checkBalance,
  checkPayable,
  creditBalance,
  debitBalance,
  moveTotal,
} from "./balances.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";

export const LEDGER_HANDLERS = {
  transfer: applyTransfer,
  withdraw: applyWithdraw,
  set_low_balance: applySetLowBalance,
} satisfies Partial<Handlers>;

/** §5.3 Moves money between two accounts of the application. */
function applyTransfer(body: BodyOf<"transfer">, context: OperationContext): Outcome {
  const { store, actor } = context;
  if (body.amount === 0n) return refuse("amount_zero", "the amount is 0");
  const lost = checkPayable(body.to);
  if (lost !== undefined) return lost;
  const poor = checkBalance(balanceOf(store, actor, body.token), body.token, body.amount);
  if (poor !== undefined) return poor;

  // COMMIT POINT: a failure below is our bug, never the sender's.
  const low = debitBalance(store, actor, body.token, body.amount);
  creditBalance(store, body.to, body.token, body.amount);
  assertConservation(store, body.token);
  const { token, to, amount } = body;
  return [encodeNotice("Transferred", [actor, to, token, amount]), ...low];
}

/** §5.4 Takes money out, by a voucher that anybody executes once its epoch is claimed. */
function applyWithdraw(body: BodyOf<"withdraw">, context: OperationContext): Outcome {
  const { store, actor, at } = context;
  const { token, recipient, amount } = body;
  if (amount === 0n) return refuse("amount_zero", "the amount is 0");
  const lost = checkPayable(recipient, at.app);
  if (lost !== undefined) return lost;
  const poor = checkBalance(balanceOf(store, actor, token), token, amount);
  if (poor !== undefined) return poor;

  // COMMIT POINT
  const low = debitBalance(store, actor, token, amount);
  moveTotal(store, token, "inBalances", "withdrawn", amount);
  return [
    encodeWithdrawal(token, recipient, amount),
    encodeNotice("Withdrawn", [actor, recipient, token, amount]),
    ...low,
  ];
}

/** §13.1 Asks for a notice when the actor's balance falls below a threshold. */
function applySetLowBalance(body: BodyOf<"set_low_balance">, context: OperationContext): Outcome {
  const { store, actor } = context;

  // COMMIT POINT
  store.lowBalances.put({ account: actor, token: body.token, threshold: body.threshold });
  return [encodeNotice("LowBalanceSet", [actor, body.token, body.threshold])];
}
