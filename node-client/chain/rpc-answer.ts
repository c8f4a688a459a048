import { BaseError, RpcRequestError } from "viem";
import { escapeWords } from "../escape-text.ts";

/** A JSON-RPC call on its way. */
interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

/** An answer that JSON-RPC does not have, or a result that its method does not have. */
export class AnswerMalformed extends BaseError {
  override readonly name = "AnswerMalformed";

  constructor(what: string) {
    super("The provider's answer cannot be read.", { details: what });
  }
}

/** What a provider answers where there were too many requests. */
const TOO_OFTEN = 429;
/** "Limit exceeded", of EIP-1474: of requests, or of what one call may ask, such as blocks. */
const LIMIT_EXCEEDED = -32_005;
/** The code of an error whose own code is none. */
const NO_CODE = -32_000;

/**
 * The result of one call. The only door by which a provider's answers come in: whoever made the
 * call gets what its method has, `null` included, or an error of viem's kind.
 *
 * @throws RpcRequestError for an error of the provider, in its own words, escaped.
 * @throws AnswerMalformed for what is neither result nor error.
 */
export function parseAnswer(call: RpcCall, answer: unknown, url: string): unknown {
  if (!isRecord(answer)) throw new AnswerMalformed(`${show(answer)} came for ${call.method}`);
  const { error, result } = answer;
  if (error !== undefined && error !== null) {
    const body = { method: call.method, params: call.params };
    throw new RpcRequestError({ body, error: parseError(error), url });
  }
  if (result === undefined) {
    throw new AnswerMalformed(`${show(answer)} came for ${call.method}`);
  }
  if (hasForm(call.method, result)) return result;
  throw new AnswerMalformed(`${call.method} gave ${show(result)}`);
}

/**
 * Whether an answer says "too many requests". A limit that a whole batch exceeds is one of those;
 * of a single call it may be the call's own, which asking again does not mend.
 */
export function isTooOften(answer: unknown, isOfBatch: boolean): boolean {
  if (!isRecord(answer) || !isRecord(answer.error)) return false;
  const { code } = answer.error;
  return code === TOO_OFTEN || (isOfBatch && code === LIMIT_EXCEEDED);
}

/** Whether this is an error as JSON-RPC has it: it says more than the HTTP status around it. */
export function isRpcError(answer: unknown): boolean {
  if (!isRecord(answer) || !isRecord(answer.error)) return false;
  return typeof answer.error.code === "number" && typeof answer.error.message === "string";
}

/** What an answer to something else says, for messages. */
export function wordsOf(answer: unknown): string {
  if (!isRecord(answer) || answer.error === undefined) return show(answer);
  return parseError(answer.error).message;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseError(error: unknown): { code: number; message: string; data?: unknown } {
  if (!isRecord(error)) return { code: NO_CODE, message: show(error) };
  const { code, message, data } = error;
  return {
    code: Number.isSafeInteger(code) ? (code as number) : NO_CODE,
    message: typeof message === "string" ? escapeWords(message) : show(error),
    // What a revert carries, which contract errors are decoded from.
    ...(isRevertData(data) ? { data } : {}),
  };
}

const isRevertData = (data: unknown): boolean =>
  isBytes(data) || (isRecord(data) && isBytes(data.data));

const isBytes = (value: unknown): boolean =>
  typeof value === "string" && value.length % 2 === 0 && /^0x[0-9a-f]*$/i.test(value);
const isQuantity = (value: unknown): boolean =>
  typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value);
const isWord = (value: unknown): boolean => isBytes(value) && (value as string).length === 66;
const isRecordOrNull = (value: unknown): boolean => value === null || isRecord(value);

/** What results look like, by method; others are their caller's to look at. */
const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  eth_call: isBytes,
  eth_getCode: isBytes,
  eth_chainId: isQuantity,
  eth_blockNumber: isQuantity,
  eth_estimateGas: isQuantity,
  eth_gasPrice: isQuantity,
  eth_maxPriorityFeePerGas: isQuantity,
  eth_getBalance: isQuantity,
  eth_getTransactionCount: isQuantity,
  eth_sendTransaction: isWord,
  eth_sendRawTransaction: isWord,
  eth_getLogs: Array.isArray,
  eth_feeHistory: isRecord,
  eth_getBlockByNumber: isRecordOrNull,
  eth_getBlockByHash: isRecordOrNull,
  eth_getTransactionByHash: isRecordOrNull,
  eth_getTransactionReceipt: isRecordOrNull,
};

const hasForm = (method: string, result: unknown): boolean => FORMS[method]?.(result) ?? true;

/** A value as JSON, short. */
function show(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  return escapeWords(json.length > 80 ? `${json.slice(0, 80)}…` : json);
}
