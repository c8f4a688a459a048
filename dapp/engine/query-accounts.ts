import { balanceOf, thresholdOf } from "./balances.ts";
import type { Queries } from "./query.ts";

/** Queries of the state as a whole, and of accounts and tokens by name (spec §9). */
export const ACCOUNT_QUERIES = {
  root: ({ store, machine }) => ({ root: store.getRoot(), machineKey: machine.key }),
  balance: ({ store }, { account, token }) => ({
    ...{ account, token, amount: balanceOf(store, account, token) },
  }),
  account: ({ store }, { account }) =>
    store.accounts.get(account) ?? { account, nonce: 0, encryptionKey: null },
  token: ({ store }, { token }) => store.tokens.get(token) ?? { token, ...NO_MONEY },
  low_balance: ({ store }, { account, token }) => ({
    ...{ account, token },
    threshold: thresholdOf(store, account, token),
    amount: balanceOf(store, account, token),
  }),
} satisfies Partial<Queries>;

const NO_MONEY = {
  ...{ deposited: 0n, withdrawn: 0n },
  ...{ inBalances: 0n, inChannels: 0n, inEscrows: 0n },
};
