import type { Hex } from "../../../spec/outputs.ts";
import { decodeRefusal, type RefusedOperation } from "../decoding/decode-refusal.ts";
import { type ListOptions, readPages, toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** One report of an input. */
export interface ReportInfo {
  /** Since genesis, as the node counts. */
  readonly reportIndex: number;
  readonly inputIndex: number;
  readonly epochIndex: number;
  readonly payload: Hex;
  /** `undefined` where it is none of our refusals. */
  readonly refusal: RefusedOperation | undefined;
}

export interface ListReportsOptions extends ListOptions {
  readonly epochIndex?: number;
  readonly inputIndex?: number;
}

/**
 * The reports of the application's inputs in order, all pages: one a refused operation.
 *
 * @example
 * for await (const { refusal } of listReports(client, { inputIndex: 4 })) console.log(refusal);
 */
export function listReports(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  options: ListReportsOptions = {},
): AsyncGenerator<ReportInfo, void> {
  const { epochIndex, inputIndex } = options;
  const filter = {
    application: client.app,
    ...(epochIndex === undefined ? {} : { epoch_index: toHexNumber(epochIndex) }),
    ...(inputIndex === undefined ? {} : { input_index: toHexNumber(inputIndex) }),
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listReports", { ...filter, ...place }),
    (answer) => ({
      reportIndex: Number(answer.index),
      inputIndex: Number(answer.input_index),
      epochIndex: Number(answer.epoch_index),
      payload: answer.raw_data,
      refusal: decodeRefusal(answer.raw_data),
    }),
  );
}
