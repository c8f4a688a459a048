import { fromOutputAnswer, type OutputInfo } from "./output-info.ts";
import { toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * One output, with its siblings in the output tree once its epoch's claim is computed.
 *
 * @throws NodeRequestRefused (see `isNotFound`) where there is none of this index.
 * @example
 * const { siblings } = await getOutput(client, { outputIndex: 3 });
 */
export async function getOutput(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const params = { application: client.app, output_index: toHexNumber(outputIndex) };
  const { data } = await client.requestNode("cartesi_getOutput", params);
  return fromOutputAnswer(data);
}
