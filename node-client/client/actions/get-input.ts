import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { decodeEvmAdvance } from "../../chain/decode-evm-advance.ts";
import type { FinalInputStatus } from "./input-result.ts";
import { NodeAnswerInvalid } from "./node-errors.ts";
import type { InputAnswer } from "./node-methods.ts";
import { toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** One input as the chain gave it, and its verdict. */
export interface InputInfo {
  readonly inputIndex: number;
  readonly epochIndex: number;
  readonly blockNumber: number;
  readonly timestampSec: number;
  /** Lower case: a portal for deposits. */
  readonly sender: Hex;
  readonly payload: Hex;
  /** The EvmAdvance blob, whose keccak256 the InputBox keeps. */
  readonly blob: Hex;
  /** `NONE` until the machine has run it. */
  readonly status: FinalInputStatus | "NONE";
}

/**
 * One input by its index, processed or not.
 *
 * @throws NodeRequestRefused (see `isNotFound`) where the node knows none of this index.
 * @example
 * const { status, sender } = await getInput(client, { inputIndex: 0 });
 */
export async function getInput(
  client: Pick<TallyrollClient, "app" | "requestNode" | "nodeUrl">,
  { inputIndex }: { readonly inputIndex: number },
): Promise<InputInfo> {
  const params = { application: client.app, input_index: toHexNumber(inputIndex) };
  const { data } = await client.requestNode("cartesi_getInput", params);
  return fromInputAnswer(client, data);
}

/** A node's answer as an input. Decodes the blob, since only it is what the chain has. */
export function fromInputAnswer(
  { nodeUrl }: Pick<TallyrollClient, "nodeUrl">,
  answer: InputAnswer,
): InputInfo {
  try {
    const { at, payload } = decodeEvmAdvance(hexToBytes(answer.raw_data));
    return {
      inputIndex: at.inputIndex,
      epochIndex: Number(answer.epoch_index),
      blockNumber: at.blockNumber,
      timestampSec: at.timestampSec,
      sender: bytesToHex(at.sender),
      payload: bytesToHex(payload),
      blob: answer.raw_data,
      status: answer.status as InputInfo["status"],
    };
  } catch (cause) {
    throw new NodeAnswerInvalid(nodeUrl, "an input that is no EvmAdvance", cause);
  }
}
