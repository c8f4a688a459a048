import { AMOUNT_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { invariant } from "./invariant.ts";
import { hex } from "./operation-context.ts";
import type { Store, TokenRow } from "./store.ts";

/** Where a token's deposited units are; `withdrawn` has left. */
export type TotalName = "inBalances" | "inChannels" | "inEscrows" | "withdrawn";

export const NO_TOTALS: Omit<TokenRow, "token"> = {
  deposited: 0n,
  withdrawn: 0n,
  inBalances: 0n,
  inChannels: 0n,
  inEscrows: 0n,
};

/** Whether a balance has what an operation takes from it; the refusal says what is missing. */
export function checkBalance(
  balance: bigint,
  token: Uint8Array,
  amount: bigint,
): Refused | undefined {
  if (balance >= amount) return undefined;
  const detail = "has {balance} of token {token}, needs {amount}";
  return refuse("balance_too_low", detail, { balance, token, amount });
}

/**
 * §5.2 Takes what the caller has checked to be there from a balance. Totals are the caller's.
 *
 * @returns The notice of §13.1 where the balance falls below its account's threshold, else none;
 * it stands behind the operation's own notices.
 */
export function debitBalance(
  store: Store,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): readonly Output[] {
  const before = store.getBalance(account, token);
  invariant(before >= amount, "a debit is covered by its balance");
  const after = before - amount;
  if (amount === 0n) return [];
  store.putBalance(account, token, after);
  const threshold = store.getLowBalance(account, token);
  if (before < threshold || after >= threshold) return [];
  return [encodeNotice("BalanceLow", [hex(account), hex(token), after, threshold])];
}

/** §5.2 Adds to a balance; nothing of nothing leaves no row. Totals are the caller's. */
export function creditBalance(
  store: Store,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): void {
  if (amount === 0n) return;
  const after = store.getBalance(account, token) + amount;
  invariant(after <= AMOUNT_MAX, "a balance never exceeds what was deposited");
  store.putBalance(account, token, after);
}

/** §5.5 Moves units of a token between two places of its row, and checks that none is lost. */
export function moveTotal(
  store: Store,
  token: Uint8Array,
  from: TotalName,
  to: TotalName,
  amount: bigint,
): void {
  if (amount === 0n || from === to) return;
  const row = store.getToken(token);
  invariant(row !== undefined, "money that moves has a token");
  store.putToken({ ...row, [from]: row[from] - amount, [to]: row[to] + amount });
  assertConservation(store, token);
}

/** §5.5 deposited = balances + channels + escrows + withdrawn, after every move of the token. */
export function assertConservation(store: Store, token: Uint8Array): void {
  const row = store.getToken(token);
  invariant(row !== undefined, "money that moved has a token");
  const { deposited, withdrawn, inBalances, inChannels, inEscrows } = row;
  const isConserved = deposited === inBalances + inChannels + inEscrows + withdrawn;
  invariant(isConserved, "money is conserved");
  const totals = [withdrawn, inBalances, inChannels, inEscrows];
  invariant(
    totals.every((total) => total >= 0n),
    "no total is negative",
  );
}
