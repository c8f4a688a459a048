import type { Hex } from "../../../spec/outputs.ts";
import type { StoredGrant } from "../buyer/from-answers.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListGrantsOptions extends NumberedPageOptions {
  readonly buyer: Hex;
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
export function listGrants(
  client: Pick<TallyrollClient, "inspect">,
  options: ListGrantsOptions,
): AsyncGenerator<StoredGrant, void> {
  return readQueryItems(client, "grants", "grants", options);
}
