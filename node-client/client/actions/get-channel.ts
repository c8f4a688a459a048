import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type ChannelInfo = InfoOf<"channel">;

/**
 * One payment channel.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { value, nonce } = await getChannel(client, { channelId: 0 });
 */
export function getChannel(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly channelId: number },
): Promise<ChannelInfo> {
  return askQuery(client, "channel", options);
}
