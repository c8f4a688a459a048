import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type LowBalanceInfo = InfoOf<"low_balance">;

/**
 * Below which balance an account wants a notice, and what the balance is.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { threshold, amount } = await getLowBalance(client, { account, token: ETHER });
 */
export function getLowBalance(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly account: Hex; readonly token: Hex },
): Promise<LowBalanceInfo> {
  return askQuery(client, "low_balance", options);
}
