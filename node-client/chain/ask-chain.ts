import { BaseError, HttpRequestError, RpcRequestError, TimeoutError } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainReader } from "./chain-client.ts";
import type { BlockReference } from "./chain-input.ts";
import { ChainReadError, type ChainReadFault } from "./chain-read-error.ts";
import { findCause, toClientError } from "./contract-errors.ts";
import { malformed, parseHash, parseQuantity } from "./parse-logs.ts";
import { AnswerMalformed } from "./rpc-answer.ts";

/** Single questions to a provider that is not believed: every answer's form is checked. */

/** HTTP statuses of providers, and of gateways before them, for questions that are too large. */
const TOO_MUCH_STATUS = [413, 500, 502, 503, 504];

/** Whether the chain still has this very block at its number. */
export async function isCanonical(client: ChainReader, block: BlockReference): Promise<boolean> {
  return (await findBlock(client, block.number))?.hash === block.hash;
}

/**
 * The block that the chain calls by this tag, such as its head.
 *
 * @throws ChainReadError when the provider does not say.
 */
export async function readHead(
  client: ChainReader,
  tag: "latest" | "safe" | "finalized" = "latest",
): Promise<BlockReference> {
  const block = await findBlock(client, tag);
  if (block === undefined) throw malformed(`there is no ${tag} block`);
  return block;
}

/** `undefined` where the chain has no such block. */
export async function findBlock(
  client: ChainReader,
  block: number | "latest" | "safe" | "finalized",
): Promise<BlockReference | undefined> {
  const which = typeof block === "number" ? toQuantity(block) : block;
  const answer = await ask(client, "eth_getBlockByNumber", [which, false]);
  if (answer === null || answer === undefined) return undefined;
  const { number, hash } = answer as { readonly [name: string]: unknown };
  const reference = { number: parseQuantity(number), hash: parseHash(hash) };
  if (typeof block === "number" && reference.number !== block) {
    throw malformed(`block ${reference.number} came for block ${block}`);
  }
  return reference;
}

/**
 * The chain's block of this number.
 *
 * @throws ChainReadError when it has none any more.
 */
export async function readBlock(client: ChainReader, number: number): Promise<BlockReference> {
  const block = await findBlock(client, number);
  if (block !== undefined) return block;
  throw new ChainReadError("chain_moved", `The provider does not know block ${number} any more.`);
}

/** One request; viem's own repetitions would hide a limit behind long waits. */
export async function ask(client: ChainReader, method: string, params: readonly unknown[]) {
  const request = client.request as (
    call: { readonly method: string; readonly params: readonly unknown[] },
    options: { readonly retryCount: number },
  ) => Promise<unknown>;
  try {
    return await request({ method, params }, { retryCount: 0 });
  } catch (error) {
    const { shortMessage } = toClientError(error, { action: `read the chain (${method})` });
    throw new ChainReadError(findFault(error), shortMessage, error);
  }
}

/** How nodes say that they have thrown a block's state away; JSON-RPC has no code for it. */
const STATE_MISSING =
  /missing trie node|historical state|state.{0,40}(not available|unavailable|pruned)|pruned|archive|old data not available|no state available|distance to target block/i;

/** So anvil does after a restart: of a block that it has, and of one that it has not, alike. */
const OUT_OF_RANGE = /block height is (\d+) but requested was (\d+)/i;

function isStateMissing(words: string): boolean {
  const [, height, asked] = OUT_OF_RANGE.exec(words) ?? [];
  if (height !== undefined) return Number(asked) <= Number(height);
  return STATE_MISSING.test(words);
}

function findFault(error: unknown): ChainReadFault {
  if (!(error instanceof BaseError)) return "provider";
  if (findCause(error, AnswerMalformed)) return "malformed";
  const words = findCause(error, RpcRequestError)?.details ?? "";
  return isStateMissing(words) ? "state_missing" : "provider";
}

/** Whether fewer blocks may get an answer: each provider words its limits in its own way. */
export function isTooMuch(error: unknown): boolean {
  if (!(error instanceof ChainReadError) || !(error.cause instanceof BaseError)) return false;
  const { cause } = error;
  if (isRpcAnswer(cause) || findCause(cause, TimeoutError)) return true;
  const http = findCause(cause, HttpRequestError);
  // An answer that was cut, or a gateway's own page.
  if (http?.cause instanceof SyntaxError) return true;
  return TOO_MUCH_STATUS.includes(http?.status ?? 0);
}

/** Whether the provider answered with a JSON-RPC error of its own, other than "too often". */
export function isRpcAnswer(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const answer = findCause(error, RpcRequestError);
  return answer !== undefined && answer.code !== 429;
}

/** A number as JSON-RPC writes it. */
export const toQuantity = (number: number): Hex => `0x${number.toString(16)}`;
