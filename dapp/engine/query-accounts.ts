import { balanceOf, thresholdOf } from "./balances.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import type { Answer, Queries, QueryFields } from "./query-fields.ts";

/** Queries of the state as a whole, and of accounts and tokens by name (spec §9). */
export const ACCOUNT_QUERIES: Queries = {
  root: ({ store, machine }) => ({ root: hex(store.getRoot()), machine_key: hex(machine.key) }),
  balance: getBalance,
  account: getAccount,
  token: getToken,
  low_balance: getLowBalance,
};

/** `{account, token}` → `{amount}` in base units, as decimal text. */
function getBalance({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const token = fields.address("token");
  return {
    account: hex(account),
    token: hex(token),
    amount: balanceOf(store, account, token).toString(),
  };
}

/** `{account}` → the next nonce of relayed operations and the registered encryption key. */
function getAccount({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const row = store.accounts.get(account);
  return {
    account: hex(account),
    nonce: row?.nonce ?? 0,
    encryption_key: row?.encryptionKey ? hex(row.encryptionKey) : null,
  };
}

/** `{token}` → what was deposited, withdrawn, and where the rest is held. */
function getToken({ store }: EngineParts, fields: QueryFields): Answer {
  const token = fields.address("token");
  const row = store.tokens.get(token);
  return {
    token: hex(token),
    deposited: (row?.deposited ?? 0n).toString(),
    withdrawn: (row?.withdrawn ?? 0n).toString(),
    in_balances: (row?.inBalances ?? 0n).toString(),
    in_channels: (row?.inChannels ?? 0n).toString(),
    in_escrows: (row?.inEscrows ?? 0n).toString(),
  };
}

/** `{account, token}` → the threshold of low-balance notices (0: none) and the balance. */
function getLowBalance({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const token = fields.address("token");
  return {
    account: hex(account),
    token: hex(token),
    threshold: thresholdOf(store, account, token).toString(),
    amount: balanceOf(store, account, token).toString(),
  };
}
