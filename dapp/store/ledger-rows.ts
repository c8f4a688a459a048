import { encodeWord, readBigEndian } from "../../spec/words.ts";
import type { Store } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { columnList, insertSql } from "./schema.ts";

export type LedgerRows = Pick<
  Store,
  | "getToken"
  | "putToken"
  | "getAccount"
  | "putAccount"
  | "getBalance"
  | "putBalance"
  | "getLowBalance"
  | "putLowBalance"
>;

/** Money and accounts. Upserts run as inserts or updates, never as REPLACE. */
export function createLedgerRows(database: StateDatabase): LedgerRows {
  const selectToken = database.prepareRead(
    `SELECT ${columnList("tokens")} FROM tokens WHERE token = ?`,
  );
  const upsertToken = database.prepareWrite(
    `${insertSql("tokens")} ON CONFLICT (token) DO UPDATE SET` +
      " deposited = excluded.deposited, withdrawn = excluded.withdrawn," +
      " in_balances = excluded.in_balances, in_channels = excluded.in_channels," +
      " in_escrows = excluded.in_escrows",
  );
  const selectAccount = database.prepareRead(
    `SELECT ${columnList("accounts")} FROM accounts WHERE account = ?`,
  );
  const upsertAccount = database.prepareWrite(
    `${insertSql("accounts")} ON CONFLICT (account) DO UPDATE SET` +
      " nonce = excluded.nonce, encryption_key = excluded.encryption_key",
  );
  const selectBalance = database.prepareRead(
    "SELECT amount FROM balances WHERE account = ? AND token = ?",
  );
  const upsertBalance = database.prepareWrite(
    `${insertSql("balances")} ON CONFLICT (account, token) DO UPDATE SET amount = excluded.amount`,
  );
  const selectLowBalance = database.prepareRead(
    "SELECT threshold FROM low_balances WHERE account = ? AND token = ?",
  );
  const upsertLowBalance = database.prepareWrite(
    `${insertSql("low_balances")} ON CONFLICT (account, token)` +
      " DO UPDATE SET threshold = excluded.threshold",
  );

  return {
    getToken(token) {
      const cells = selectToken.first([token]);
      if (cells === undefined) return undefined;
      const [key, deposited, withdrawn, inBalances, inChannels, inEscrows] = cells as Uint8Array[];
      return {
        token: key!,
        deposited: readBigEndian(deposited!),
        withdrawn: readBigEndian(withdrawn!),
        inBalances: readBigEndian(inBalances!),
        inChannels: readBigEndian(inChannels!),
        inEscrows: readBigEndian(inEscrows!),
      };
    },
    putToken(row) {
      const { token, deposited, withdrawn, inBalances, inChannels, inEscrows } = row;
      const amounts = [deposited, withdrawn, inBalances, inChannels, inEscrows].map(encodeWord);
      upsertToken.runOnOneRow([token, ...amounts]);
    },
    getAccount(account) {
      const cells = selectAccount.first([account]);
      if (cells === undefined) return undefined;
      const [key, nonce, encryptionKey] = cells as [Uint8Array, number, Uint8Array | null];
      return { account: key, nonce, encryptionKey };
    },
    putAccount(row) {
      upsertAccount.runOnOneRow([row.account, row.nonce, row.encryptionKey]);
    },
    getBalance(account, token) {
      const cells = selectBalance.first([account, token]);
      return cells === undefined ? 0n : readBigEndian(cells[0] as Uint8Array);
    },
    putBalance(account, token, amount) {
      upsertBalance.runOnOneRow([account, token, encodeWord(amount)]);
    },
    getLowBalance(account, token) {
      const cells = selectLowBalance.first([account, token]);
      return cells === undefined ? 0n : readBigEndian(cells[0] as Uint8Array);
    },
    putLowBalance(account, token, threshold) {
      upsertLowBalance.runOnOneRow([account, token, encodeWord(threshold)]);
    },
  };
}
