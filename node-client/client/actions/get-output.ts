import { CODE_NO_RESOURCE, isNotFound, NodeRequestRefused } from "./node-errors.ts";
import { fromOutputAnswer, type OutputInfo } from "./output-info.ts";
import { toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** There is no output of this index, perhaps not yet: `isNotFound` holds. */
export class OutputNotFound extends NodeRequestRefused {
  override readonly name = "OutputNotFound";

  /** @param outputCount How many there are. */
  constructor(outputIndex: number, outputCount: number) {
    const there = outputCount === 0 ? "there are none yet" : `there are 0 to ${outputCount - 1}`;
    super("cartesi_getOutput", CODE_NO_RESOURCE, "", {
      shortMessage: `There is no output ${outputIndex}; ${there}.`,
      whatToDo: "Name one that is there; the node may also be behind the chain.",
    });
  }
}

/**
 * One output, with its siblings in the output tree once its epoch's claim is computed.
 *
 * @throws OutputNotFound where there is none of this index.
 * @example
 * const { siblings } = await getOutput(client, { outputIndex: 3 });
 */
export async function getOutput(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const application = client.app;
  const params = { application, output_index: toHexNumber(outputIndex) };
  try {
    const { data } = await client.requestNode("cartesi_getOutput", params);
    return fromOutputAnswer(data);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const page = { application, limit: 1, offset: 0 };
    const { pagination } = await client.requestNode("cartesi_listOutputs", page).catch(() => {
      throw error;
    });
    throw new OutputNotFound(outputIndex, Number(pagination.total_count));
  }
}
