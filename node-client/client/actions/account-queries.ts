import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import { memberAction, type QueryAction, queryAction } from "./query-action.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type AccountInfo = InfoOf<"account">;
export type LowBalanceInfo = InfoOf<"low_balance">;
export type StateRoot = InfoOf<"root">;
/** Base units; `deposited` is always `withdrawn` and `inBalances` together (spec §5.5). */
export type TokenInfo = InfoOf<"token">;

/** Whose balance, and of `ETHER` or an ERC-20. */
interface BalancePlace {
  readonly account: Hex;
  readonly token: Hex;
}

/**
 * An account's nonce and encryption key; 0 and none for nobody known.
 *
 * @example
 * const { nonce } = await getAccount(client, { account: "0xb0b…" });
 */
export const getAccount: QueryAction<{ readonly account: Hex }, AccountInfo> =
  queryAction("account");

/**
 * What an account holds inside the application, in base units; 0n for nobody known.
 *
 * @example
 * const wei = await getBalance(client, { account: "0xb0b…", token: ETHER });
 */
export const getBalance: QueryAction<BalancePlace, bigint> = memberAction("balance", "amount");

/**
 * Below which balance an account wants a notice, and what the balance is.
 *
 * @example
 * const { threshold, amount } = await getLowBalance(client, { account, token: ETHER });
 */
export const getLowBalance: QueryAction<BalancePlace, LowBalanceInfo> = queryAction("low_balance");

/**
 * What the state weighs, what it may, and what a byte more is bonded with (spec §14).
 *
 * @example
 * const { weight, weightMax, bondPerByte } = await getRoom(client);
 */
export function getRoom(client: Pick<TallyrollClient, "inspect">): Promise<InfoOf<"room">> {
  return askQuery(client, "room", {});
}

/**
 * What an account has bonded, and what of it is released; zeros for nobody known.
 *
 * @example
 * const { released } = await getBond(client, { account: "0xb0b…" });
 */
export const getBond: QueryAction<{ readonly account: Hex }, InfoOf<"bond">> = queryAction("bond");

/**
 * What the application keeps of one token; zeros for one unknown.
 *
 * @example
 * const { inBalances } = await getToken(client, { token: ETHER });
 */
export const getToken: QueryAction<{ readonly token: Hex }, TokenInfo> = queryAction("token");

/**
 * The state's root and the machine's key.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { machineKey } = await getRoot(client);
 */
export function getRoot(client: Pick<TallyrollClient, "inspect">): Promise<StateRoot> {
  return askQuery(client, "root", {});
}
