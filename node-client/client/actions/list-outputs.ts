import type { Hex } from "../../../spec/outputs.ts";
import { fromOutputAnswer, OUTPUT_TYPES, type OutputInfo, type OutputKind } from "./output-info.ts";
import { type ListOptions, readPages, toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListOutputsOptions extends ListOptions {
  readonly epochIndex?: number;
  readonly inputIndex?: number;
  readonly kind?: OutputKind;
  /** Destination of a voucher or delegate call voucher. */
  readonly voucherAddress?: Hex;
}

/**
 * The application's outputs in the order of the output tree, all pages.
 *
 * @example
 * for await (const output of listOutputs(client, { kind: "voucher" })) console.log(output);
 */
export function listOutputs(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  options: ListOutputsOptions = {},
): AsyncGenerator<OutputInfo, void> {
  const { epochIndex, inputIndex, kind, voucherAddress } = options;
  const filter = {
    application: client.app,
    ...(epochIndex === undefined ? {} : { epoch_index: toHexNumber(epochIndex) }),
    ...(inputIndex === undefined ? {} : { input_index: toHexNumber(inputIndex) }),
    ...(kind === undefined ? {} : { output_type: OUTPUT_TYPES[kind] }),
    ...(voucherAddress === undefined ? {} : { voucher_address: voucherAddress }),
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listOutputs", { ...filter, ...place }),
    fromOutputAnswer,
  );
}
