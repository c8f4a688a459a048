import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A stream without its metrics, as lists give it. */
export type StreamSummary = InfoOf<"streams">["streams"][number];
export type StreamInfo = InfoOf<"stream">;

/** By number or by name; `epoch`: whose key hashes to answer, by default the current one's. */
export type GetStreamOptions = { readonly epoch?: number } & (
  | { readonly streamId: number }
  | { readonly deviceId: number; readonly name: string }
);

/**
 * One stream with its metrics and an epoch's key hashes.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { streamId, nextSequence } = await getStream(client, { deviceId: 1, name: "roof" });
 */
export function getStream(
  client: Pick<TallyrollClient, "inspect">,
  options: GetStreamOptions,
): Promise<StreamInfo> {
  return askQuery(client, "stream", options);
}
