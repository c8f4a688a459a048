import { encodeNotice } from "../../spec/notices.ts";
import type { Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { add, subtract } from "./amounts.ts";
import { invariant } from "./invariant.ts";
import type { Store, TokenRow } from "./store.ts";

/** What the account has; 0 where it has no row. */
export const balanceOf = (store: Store, account: Uint8Array, token: Uint8Array): bigint =>
  store.balances.get(account, token)?.amount ?? 0n;

/** Below which balance the account wants a notice; 0 where it wants none. */
export const thresholdOf = (store: Store, account: Uint8Array, token: Uint8Array): bigint =>
  store.lowBalances.get(account, token)?.threshold ?? 0n;

/** Where a token's deposited units are; `withdrawn` has left. */
type TotalName = "inBalances" | "inChannels" | "inEscrows" | "inBonds" | "withdrawn";

export const NO_TOTALS: Omit<TokenRow, "token"> = {
  deposited: 0n,
  withdrawn: 0n,
  inBalances: 0n,
  inChannels: 0n,
  inEscrows: 0n,
  inBonds: 0n,
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

/** §5.3 What nobody could ever use again is not sent: to the zero address, or to `app` itself. */
export function checkPayable(recipient: Uint8Array, app?: Uint8Array): Refused | undefined {
  const refusal = "recipient_not_payable";
  if (isZero(recipient)) return refuse(refusal, "{recipient} is the zero address", { recipient });
  if (app === undefined || !equalBytes(recipient, app)) return undefined;
  return refuse(refusal, "{recipient} is the application itself", { recipient });
}

/**
 * §5.2 Takes what the caller has checked to be there from a balance. Totals are the caller's.
 *
 * @returns The notice of §13.1 where the balance falls below its account's threshold, else none;
 * it comes after the operation's own notices.
 */
export function debitBalance(
  store: Store,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): readonly Output[] {
  const before = balanceOf(store, account, token);
  const after = subtract(before, amount);
  if (amount === 0n) return [];
  store.balances.put({ account, token, amount: after });
  const threshold = thresholdOf(store, account, token);
  if (before < threshold || after >= threshold) return [];
  return [encodeNotice("BalanceLow", [account, token, after, threshold])];
}

/** §5.2 The row that an account's signature needs, where it is not there yet. */
export function openAccount(store: Store, account: Uint8Array): void {
  if (store.accounts.get(account) !== undefined) return;
  store.accounts.insert({ account, nonce: 0, encryptionKey: null });
}

/** §5.2 The rows that money for the account needs, where they are not there yet. */
export function openBalance(store: Store, account: Uint8Array, token: Uint8Array): void {
  if (store.balances.get(account, token) !== undefined) return;
  store.balances.insert({ account, token, amount: 0n });
  openAccount(store, account);
}

/** §5.2 Adds to a balance; nothing of nothing leaves no row. Totals are the caller's. */
export function creditBalance(
  store: Store,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): void {
  if (amount === 0n) return;
  const before = store.balances.get(account, token)?.amount;
  const row = { account, token, amount: add(before ?? 0n, amount) };
  if (before !== undefined) store.balances.put(row);
  else {
    store.balances.insert(row);
    openAccount(store, account);
  }
}

/** §5.2 Adds a deposit to its token and a balance. */
export function depositTotal(
  store: Store,
  account: Uint8Array,
  row: TokenRow,
  amount: bigint,
): void {
  const { token } = row;
  store.tokens.put({
    ...row,
    deposited: add(row.deposited, amount),
    inBalances: add(row.inBalances, amount),
  });
  creditBalance(store, account, token, amount);
  assertConservation(store, token);
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
  const row = store.tokens.get(token);
  invariant(row !== undefined, "money that moves has a token");
  store.tokens.put({
    ...row,
    [from]: subtract(row[from], amount),
    [to]: add(row[to], amount),
  });
  assertConservation(store, token);
}

/** §5.5 deposited = balances + channels + escrows + bonds + withdrawn, after every move of the token. */
export function assertConservation(store: Store, token: Uint8Array): void {
  const row = store.tokens.get(token);
  invariant(row !== undefined, "money that moved has a token");
  const { deposited, withdrawn, inBalances, inChannels, inEscrows, inBonds } = row;
  const isConserved = deposited === inBalances + inChannels + inEscrows + inBonds + withdrawn;
  invariant(isConserved, "money is conserved");
}
