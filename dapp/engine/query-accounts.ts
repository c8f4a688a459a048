import type { Answer } from "./answer-query.ts";
import { balanceOf, thresholdOf } from "./balances.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import type { QueryFields } from "./query-fields.ts";

/** `{account, token}` → `{amount}` in base units, as decimal text. */
export function getBalance({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const token = fields.address("token");
  return {
    account: hex(account),
    token: hex(token),
    amount: balanceOf(store, account, token).toString(),
  };
}

/** `{account}` → the next nonce of relayed operations and the registered encryption key. */
export function getAccount({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const row = store.accounts.get(account);
  return {
    account: hex(account),
    nonce: row?.nonce ?? 0,
    encryption_key: row?.encryptionKey ? hex(row.encryptionKey) : null,
  };
}

/** `{token}` → what was deposited, withdrawn, and where the rest is held. */
export function getToken({ store }: EngineParts, fields: QueryFields): Answer {
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
export function getLowBalance({ store }: EngineParts, fields: QueryFields): Answer {
  const account = fields.address("account");
  const token = fields.address("token");
  return {
    account: hex(account),
    token: hex(token),
    threshold: thresholdOf(store, account, token).toString(),
    amount: balanceOf(store, account, token).toString(),
  };
}
