import type { Hex } from "../../../spec/outputs.ts";
import { fromGrantAnswer, type GrantAnswer, type StoredGrant } from "../buyer/from-answers.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListGrantsOptions extends QueryPageOptions {
  readonly buyer: Hex;
  /** Only grants with higher numbers. */
  readonly after?: number;
}

interface GrantsAnswer {
  readonly grants: readonly GrantAnswer[];
  readonly next: number | null;
}

/**
 * A buyer's grants by their numbers, all pages, with the wrapped keys; expired and revoked ones too.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { streamId, expiresAtSec } of listGrants(client, { buyer })) {
 *   console.log(streamId, expiresAtSec);
 * }
 */
export async function* listGrants(
  client: Pick<TallyrollClient, "inspect">,
  { buyer, after, ...options }: ListGrantsOptions,
): AsyncGenerator<StoredGrant, void> {
  const query = { query: "grants", buyer };
  const pages = readQueryPages<GrantsAnswer>(client, query, "after", { ...options, from: after });
  for await (const { grants } of pages) yield* grants.map(fromGrantAnswer);
}
