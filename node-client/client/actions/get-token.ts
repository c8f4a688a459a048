import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Base units; `deposited` is always `withdrawn` and `inBalances` together (spec §5.5). */
export type TokenInfo = InfoOf<"token">;

/**
 * What the application keeps of one token; zeros for one unknown.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { inBalances } = await getToken(client, { token: ETHER });
 */
export function getToken(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly token: Hex },
): Promise<TokenInfo> {
  return askQuery(client, "token", options);
}
