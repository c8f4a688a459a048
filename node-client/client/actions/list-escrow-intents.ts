import { type EscrowAnswer, type EscrowInfo, fromEscrowAnswer } from "./get-escrow.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListEscrowIntentsOptions extends QueryPageOptions {
  readonly tag: string;
}

interface IntentsAnswer {
  readonly escrows: readonly EscrowAnswer[];
  readonly next: number | null;
}

/**
 * The intents of a tag that wait for a provider, the oldest first, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { escrowId, terms } of listEscrowIntents(client, { tag: "weather" })) { … }
 */
export async function* listEscrowIntents(
  client: Pick<TallyrollClient, "inspect">,
  { tag, ...options }: ListEscrowIntentsOptions,
): AsyncGenerator<EscrowInfo, void> {
  const query = { query: "intents", tag };
  for await (const { escrows } of readQueryPages<IntentsAnswer>(client, query, "after", options)) {
    yield* escrows.map(fromEscrowAnswer);
  }
}
