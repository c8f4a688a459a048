import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface LowBalanceInfo {
  /** Base units; 0: no notice is asked for. */
  readonly threshold: bigint;
  /** The present balance. */
  readonly amount: bigint;
}

interface LowBalanceAnswer {
  readonly threshold: string;
  readonly amount: string;
}

/**
 * Where an account wants to be told of a low balance, and what the balance is.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { threshold, amount } = await getLowBalance(client, { account, token: ETHER });
 */
export async function getLowBalance(
  client: Pick<TallyrollClient, "inspect">,
  { account, token }: { readonly account: Hex; readonly token: Hex },
): Promise<LowBalanceInfo> {
  const query = { query: "low_balance", account, token };
  const { threshold, amount } = await client.inspect<LowBalanceAnswer>(query);
  return { threshold: BigInt(threshold), amount: BigInt(amount) };
}
