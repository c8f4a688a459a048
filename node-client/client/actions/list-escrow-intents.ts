import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { EscrowInfo } from "./get-escrow.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListEscrowIntentsOptions extends QueryPageOptions {
  readonly tag: string;
}

/**
 * The intents of a tag that wait for a provider, the oldest first, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { escrowId, terms } of listEscrowIntents(client, { tag: "weather" })) { … }
 */
export function listEscrowIntents(
  client: Pick<TallyrollClient, "inspect">,
  options: ListEscrowIntentsOptions,
): AsyncGenerator<EscrowInfo, void> {
  return readQueryItems(client, "intents", "escrows", options);
}
