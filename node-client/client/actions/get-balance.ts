import type { Hex } from "../../../spec/outputs.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * What an account holds inside the application, in base units; 0n for nobody known.
 *
 * @param options.token `ETHER`, or an ERC-20.
 * @throws What `inspectApplication` throws.
 * @example
 * const wei = await getBalance(client, { account: "0xb0b…", token: ETHER });
 */
export async function getBalance(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly account: Hex; readonly token: Hex },
): Promise<bigint> {
  return (await askQuery(client, "balance", options)).amount;
}
