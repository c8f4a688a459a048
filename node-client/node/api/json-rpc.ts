/** JSON-RPC 2.0: what requests and errors look like. Knows no method. */

/** Codes of the official node (rollups-node v2). */
const RPC_ERRORS = {
  parse_error: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  internal_error: -32603,
  /** EIP-1474's "limit exceeded": the node is short of memory, ask again. */
  busy: -32005,
  /** The application is known, what was asked for is not: it may come. */
  resource_not_found: -31001,
  /** Another application than this node's. */
  application_not_found: -31002,
  response_too_large: -31003,
} as const;

/** An error that is the caller's, or that the caller can act upon. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;

  constructor(kind: keyof typeof RPC_ERRORS, message: string) {
    super(message);
    this.code = RPC_ERRORS[kind];
  }
}

/** Answers one method: the JSON text of its result, for which it takes room in the budget. */
export type RpcMethod = (params: unknown, budget: ResponseBudget) => string;

/** Bytes of one HTTP answer, whether to one request or to a batch. */
export const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
export const BATCH_MAX = 100;

/** An answer is larger than the memory that is free for it at the moment. */
export class NoRoom extends Error {
  override readonly name = "NoRoom";
}

/** The room that is left in one HTTP answer, shared by all answers of a batch. */
export class ResponseBudget {
  #bytesLeft = RESPONSE_BYTES_MAX;
  #bytesBefore = RESPONSE_BYTES_MAX;
  #roomBytes = Number.POSITIVE_INFINITY;

  /** Begins an answer, or the same one again, that has so much memory. */
  begin(roomBytes: number): void {
    if (this.#bytesLeft === 0) throw createTooLarge();
    this.#bytesBefore = this.#bytesLeft;
    this.#roomBytes = roomBytes;
  }

  /**
   * Takes room for text of ASCII characters, and gives the text.
   *
   * @throws RpcError when the whole answer becomes too large: it then takes nothing more.
   * @throws NoRoom when it does not fit the memory; what this answer took is given back.
   */
  take(text: string): string {
    if (text.length > this.#bytesLeft) {
      this.#bytesLeft = 0;
      throw createTooLarge();
    }
    if (text.length > this.#roomBytes) {
      this.#bytesLeft = this.#bytesBefore;
      throw new NoRoom();
    }
    this.#bytesLeft -= text.length;
    this.#roomBytes -= text.length;
    return text;
  }
}

function createTooLarge(): RpcError {
  const message = `The response would exceed ${RESPONSE_BYTES_MAX} bytes: ask for less by "limit".`;
  return new RpcError("response_too_large", message);
}

type RpcId = string | number | null;

/** A request, or what is wrong with it. */
export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string | undefined;
  readonly params: unknown;
}

/**
 * Reads one request. What it holds besides is let go of: parsed, a body of 1 MiB can take many times
 * as much, and its answer may wait.
 */
export function toRpcRequest(request: unknown): RpcRequest {
  const isObject = typeof request === "object" && request !== null && !Array.isArray(request);
  const {
    jsonrpc,
    id = null,
    method,
    params,
  } = isObject ? (request as Record<string, unknown>) : {};
  const isId = id === null || typeof id === "string" || typeof id === "number";
  // A request without an id is answered with null, as the official node does.
  const isValid = jsonrpc === "2.0" && isId && typeof method === "string";
  return {
    id: isId ? id : null,
    method: isValid ? method : undefined,
    params: isValid ? toPlainParams(params) : undefined,
  };
}

/** More than any method takes. */
const PARAMS_MAX = 32;
/** Stands for a list or an object, which is never a parameter. */
const NESTED = Object.freeze({});

function toPlainParams(params: unknown): unknown {
  const toPlain = (value: unknown) =>
    typeof value === "object" && value !== null ? NESTED : value;
  if (Array.isArray(params)) return params.slice(0, PARAMS_MAX).map(toPlain);
  if (typeof params !== "object" || params === null) return params;
  const entries = Object.entries(params).slice(0, PARAMS_MAX);
  return Object.fromEntries(entries.map(([name, value]) => [name, toPlain(value)]));
}

export function formatRpcError(id: RpcId, { code, message }: RpcError): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
