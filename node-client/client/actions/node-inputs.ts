import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { decodeEvmAdvance } from "../../chain/decode-evm-advance.ts";
import { decodeRefusal, type RefusedOperation } from "../decoding/decode-refusal.ts";
import { NodeAnswerInvalid } from "./node-errors.ts";
import type { InputAnswer } from "./node-methods.ts";
import { type ListOptions, readPages, toHexFilter, toHexNumber } from "./read-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A verdict of the official node. `REJECTED` has refusals and neither notices nor vouchers. */
export type FinalInputStatus =
  | "ACCEPTED"
  | "REJECTED"
  | "EXCEPTION"
  | "MACHINE_HALTED"
  | `${string}_LIMIT_EXCEEDED`;

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
    epoch_index: toHexFilter(epochIndex),
    sender,
  };
  return readPages(
    options,
    (place) => client.requestNode("cartesi_listInputs", { ...filter, ...place }),
    (answer) => fromInputAnswer(client, answer),
  );
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
    epoch_index: toHexFilter(epochIndex),
    input_index: toHexFilter(inputIndex),
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
