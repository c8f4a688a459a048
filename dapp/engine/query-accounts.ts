import { balanceOf, NO_TOTALS, thresholdOf } from "./balances.ts";
import type { Queries } from "./query.ts";
import { computeBondPerByte } from "./room.ts";

/** Queries of the state as a whole, and of accounts and tokens by name (spec §9). */
export const ACCOUNT_QUERIES = {
  root: ({ store, machine }) => ({ root: store.getRoot(), machineKey: machine.key }),
  balance: ({ store }, { account, token }) => ({
    ...{ account, token, amount: balanceOf(store, account, token) },
  }),
  account: ({ store }, { account }) =>
    store.accounts.get(account) ?? { account, nonce: 0, encryptionKey: null },
  token: ({ store }, { token }) => store.tokens.get(token) ?? { token, ...NO_TOTALS },
  room: ({ store, stateBytesMax }) => {
    const weight = store.getWeight();
    return {
      weight,
      weightMax: stateBytesMax,
      bondPerByte: computeBondPerByte(weight, stateBytesMax),
    };
  },
  bond: ({ store }, { account }) =>
    store.bonds.get(account) ?? { account, bytes: 0, locked: 0n, released: 0n },
  low_balance: ({ store }, { account, token }) => ({
    ...{ account, token },
    threshold: thresholdOf(store, account, token),
    amount: balanceOf(store, account, token),
  }),
} satisfies Partial<Queries>;
