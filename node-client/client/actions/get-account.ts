import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type AccountInfo = InfoOf<"account">;

/**
 * An account's nonce and encryption key; 0 and none for nobody known.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { nonce } = await getAccount(client, { account: "0xb0b…" });
 */
export function getAccount(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly account: Hex },
): Promise<AccountInfo> {
  return askQuery(client, "account", options);
}
