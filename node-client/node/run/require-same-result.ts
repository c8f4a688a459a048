import { type AdvanceResult, encodeOutput } from "../../../spec/outputs.ts";
import { equalBytes } from "../../../spec/words.ts";
import { ClientError } from "../../errors.ts";
import type { StoredInput } from "../store/node-store.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";

/** All outputs that one input may have. */
const EVERYTHING = { limit: 65_536, offset: 0 };

/** The machine cannot be brought to where the node's file says it was. */
export class MachineDiverged extends ClientError {
  override readonly name = "MachineDiverged";
}

/**
 * A re-execution that ends otherwise has another program, key or file than the first one had.
 *
 * @param isLast The outputs of the last input commit to the whole state: they are compared too.
 * @throws MachineDiverged
 */
export function requireSameResult(
  store: NodeStore,
  { index, status }: StoredInput,
  result: AdvanceResult,
  isLast: boolean,
): void {
  if (status === "EXCEPTION") return;
  const again = result.status === "accepted" ? "ACCEPTED" : "REJECTED";
  const outputs = isLast ? store.listOutputs({ inputIndex: index }, EVERYTHING).items : [];
  const isSame =
    status === again &&
    outputs.every(({ raw }, i) => {
      const output = result.outputs[i];
      return output !== undefined && equalBytes(encodeOutput(output), raw);
    });
  if (isSame) return;
  throw new MachineDiverged(
    `Input ${index} was ${status}, and is ${again} with other outputs when it is repeated.`,
    {
      whatToDo:
        "The program or the machine key is not the one that the node's file was made with: use " +
        "the right one, or move the file away to compute everything anew.",
    },
  );
}
