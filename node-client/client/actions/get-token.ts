import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface TokenAnswer {
  readonly token: Hex;
  readonly deposited: string;
  readonly withdrawn: string;
  readonly in_balances: string;
}

/** Base units; `deposited` is always `withdrawn` and `inBalances` together (spec §5.5). */
export interface TokenInfo {
  readonly token: Hex;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly inBalances: bigint;
}

/**
 * What the application keeps of one token; zeros for one unknown.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { inBalances } = await getToken(client, { token: ETHER });
 */
export async function getToken(
  client: Pick<TallyrollClient, "inspect">,
  { token }: { readonly token: Hex },
): Promise<TokenInfo> {
  const answer = await client.inspect<TokenAnswer>({ query: "token", token });
  return {
    token: answer.token,
    deposited: BigInt(answer.deposited),
    withdrawn: BigInt(answer.withdrawn),
    inBalances: BigInt(answer.in_balances),
  };
}
