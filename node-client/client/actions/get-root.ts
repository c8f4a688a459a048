import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type StateRoot = InfoOf<"root">;

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
