import type { InputContext } from "../../spec/input.ts";
import type { Hex } from "../../spec/outputs.ts";

/** What the rollup HTTP server hands to the guest in answer to `/finish`. */
export type RollupRequest =
  | { readonly kind: "advance"; readonly at: InputContext; readonly payload: Uint8Array }
  | { readonly kind: "inspect"; readonly query: Uint8Array };

/** The server broke its own API: nothing that the guest computes on it could be trusted. */
export class RollupAnswerError extends Error {
  override readonly name = "RollupAnswerError";
}

/**
 * Decodes the body of a `/finish` answer (Cartesi rollup HTTP API). Integers are JSON numbers, so
 * one above 2^53 has already lost its last digits: it is refused, never rounded.
 *
 * @throws RollupAnswerError when the body is not a well-formed request.
 * @example
 * decodeRollupRequest('{"request_type":"inspect_state","data":{"payload":"0x01"}}');
 */
export function decodeRollupRequest(body: string): RollupRequest {
  const request = asRecord(parse(body), "the body");
  const data = asRecord(request.data, "data");
  const payload = decodeHex(data.payload, "payload");
  if (request.request_type === "inspect_state") return { kind: "inspect", query: payload };
  if (request.request_type !== "advance_state") {
    throw new RollupAnswerError(`unknown request_type: ${String(request.request_type)}`);
  }
  const metadata = asRecord(data.metadata, "metadata");
  return {
    kind: "advance",
    at: {
      chainId: BigInt(decodeInteger(metadata.chain_id, "chain_id")),
      app: decodeHex(metadata.app_contract, "app_contract", 20),
      sender: decodeHex(metadata.msg_sender, "msg_sender", 20),
      blockNumber: decodeInteger(metadata.block_number, "block_number"),
      timestampSec: decodeInteger(metadata.block_timestamp, "block_timestamp"),
      prevRandao: decodeHex(metadata.prev_randao, "prev_randao", 32),
      inputIndex: decodeInteger(metadata.input_index, "input_index"),
    },
    payload,
  };
}

/** The body that hands one input to a guest: the inverse of `decodeRollupRequest`. */
export function encodeAdvanceRequest(at: InputContext, payload: Uint8Array): string {
  // Put together by hand: every field is a number or hexadecimal, and the host of a benchmark
  // writes one of these an input.
  return (
    `{"request_type":"advance_state","data":{"metadata":{"chain_id":${at.chainId},` +
    `"app_contract":"${encodeHex(at.app)}","msg_sender":"${encodeHex(at.sender)}",` +
    `"block_number":${at.blockNumber},"block_timestamp":${at.timestampSec},` +
    `"prev_randao":"${encodeHex(at.prevRandao)}","input_index":${at.inputIndex}},` +
    `"payload":"${encodeHex(payload)}"}}`
  );
}

/** The body that hands one query to a guest. */
export function encodeInspectRequest(query: Uint8Array): string {
  return `{"request_type":"inspect_state","data":{"payload":"${encodeHex(query)}"}}`;
}

/** `0x` and lower-case digits. */
export function encodeHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new RollupAnswerError("the body is not JSON", { cause });
  }
}

function asRecord(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new RollupAnswerError(`${name} is not an object`);
  }
  return value as Record<string, unknown>;
}

function decodeInteger(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new RollupAnswerError(`${name} is not an exact counter: ${String(value)}`);
  }
  return value as number;
}

function decodeHex(value: unknown, name: string, byteLength?: number): Uint8Array {
  if (typeof value !== "string" || !value.startsWith("0x")) {
    throw new RollupAnswerError(`${name} is not 0x and hexadecimal digits`);
  }
  // Buffer stops silently at the first character that is not a digit, and drops an odd one: the
  // length tells both.
  const bytes = Buffer.from(value.slice(2), "hex");
  if (bytes.length * 2 + 2 !== value.length) {
    throw new RollupAnswerError(`${name} is not whole bytes of hexadecimal`);
  }
  if (byteLength !== undefined && bytes.length !== byteLength) {
    throw new RollupAnswerError(`${name} is not ${byteLength} bytes`);
  }
  // A plain Uint8Array, as the other hosts pass: a Buffer's `slice` would share memory.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
