import type { EpochStatus } from "../../chain/epoch-status.ts";
import { type EpochInfo, fromEpochAnswer } from "./get-epoch.ts";
import { type ListOptions, readPages } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListEpochsOptions extends ListOptions {
  readonly status?: EpochStatus;
}

/**
 * The application's epochs in order, all pages.
 *
 * @example
 * for await (const epoch of listEpochs(client, { status: "CLAIM_ACCEPTED" })) console.log(epoch);
 */
export function listEpochs(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  options: ListEpochsOptions = {},
): AsyncGenerator<EpochInfo, void> {
  const filter = {
    application: client.app,
    ...(options.status === undefined ? {} : { status: options.status }),
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listEpochs", { ...filter, ...place }),
    fromEpochAnswer,
  );
}
