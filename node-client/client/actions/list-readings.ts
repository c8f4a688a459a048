import type { InfoOf } from "../../../spec/queries.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** One reading of an open stream. */
export type Reading = InfoOf<"latest">["readings"][number];

export interface ListReadingsOptions extends QueryPageOptions {
  readonly streamId: number;
  readonly fromSequence?: number;
}

/**
 * An open stream's readings by their sequences, all pages.
 *
 * @throws QueryRefused for a sealed stream, and what `inspectApplication` throws.
 * @example
 * for await (const { timeSec, values } of listReadings(client, { streamId: 1 })) {
 *   console.log(timeSec, values); // 1640995200 ["7.11", null]
 * }
 */
export function listReadings(
  client: Pick<TallyrollClient, "inspect">,
  options: ListReadingsOptions,
): AsyncGenerator<Reading, void> {
  return readQueryItems(client, "readings", "readings", options);
}
