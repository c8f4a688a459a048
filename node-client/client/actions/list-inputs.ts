import type { Hex } from "../../../spec/outputs.ts";
import { fromInputAnswer, type InputInfo } from "./get-input.ts";
import { type ListOptions, readPages, toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListInputsOptions extends ListOptions {
  readonly epochIndex?: number;
  readonly sender?: Hex;
}

/**
 * The application's inputs in order, all pages.
 *
 * @example
 * for await (const { inputIndex, status } of listInputs(client)) console.log(inputIndex, status);
 */
export function listInputs(
  client: Pick<TallyrollClient, "app" | "requestNode" | "nodeUrl">,
  options: ListInputsOptions = {},
): AsyncGenerator<InputInfo, void> {
  const { epochIndex, sender } = options;
  const filter = {
    application: client.app,
    ...(epochIndex === undefined ? {} : { epoch_index: toHexNumber(epochIndex) }),
    ...(sender === undefined ? {} : { sender }),
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listInputs", { ...filter, ...place }),
    (answer) => fromInputAnswer(client, answer),
  );
}
