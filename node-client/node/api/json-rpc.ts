import { type BytesInFlight, SMALL_BYTES } from "./bytes-in-flight.ts";
import type { HttpAnswer } from "./http-exchange.ts";

/** JSON-RPC 2.0: requests, errors and answers. Knows no method. */

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
const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
const BATCH_MAX = 100;

/** An answer is larger than the memory that is free for it at the moment. */
class NoRoom extends Error {
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
interface RpcRequest {
  readonly id: RpcId;
  readonly method: string | undefined;
  readonly params: unknown;
}

/**
 * Reads one request. What it holds besides is let go of: parsed, a body of 1 MiB can take many times
 * as much, and its answer may wait.
 */
function toRpcRequest(request: unknown): RpcRequest {
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

function formatRpcError(id: RpcId, { code, message }: RpcError): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}

/** How long a request may wait for memory. */
const WAIT_MS = 10_000;
const RETRY_AFTER_SEC = 1;
/** Of an answer that is begun without the memory for the largest. */
const TRIAL_BYTES_MAX = 1024 * 1024;

/** What an answer under way goes by. */
interface Course {
  readonly budget: ResponseBudget;
  readonly isGone: () => boolean;
  readonly deadlineMs: number;
  /** It has waited for memory in vain: what is left of it takes little. */
  isShort: boolean;
}

/**
 * Answers JSON-RPC bodies, whatever they are: single requests and batches.
 *
 * One answer is composed at a time, of all connections', and other work goes on in between. A batch
 * is sent piece by piece, the next one when the one before has left. A large answer waits until there
 * is memory for it; a small one never does.
 */
export class RpcAnswerer {
  readonly #methods: ReadonlyMap<string, RpcMethod>;
  readonly #inFlight: BytesInFlight;
  readonly #log: (line: string) => void;
  /** Settles when the last one that asked for its turn has had it. */
  #turns: Promise<unknown> = Promise.resolve();

  /** @param log Takes one line about a bug of ours; callers only learn that there was one. */
  constructor(
    methods: ReadonlyMap<string, RpcMethod>,
    inFlight: BytesInFlight,
    log: (line: string) => void,
  ) {
    this.#methods = methods;
    this.#inFlight = inFlight;
    this.#log = log;
  }

  /** @param isGone Whether nobody waits for the answer any more. */
  async answer(body: Uint8Array, isGone: () => boolean): Promise<HttpAnswer> {
    const requests = parseBody(body);
    if (requests instanceof RpcError) return { status: 200, body: formatRpcError(null, requests) };
    const deadlineMs = performance.now() + WAIT_MS;
    const course = { budget: new ResponseBudget(), isGone, deadlineMs, isShort: false };
    if ("length" in requests) return { status: 200, body: this.#answerBatch(requests, course) };
    const { text, isBusy } = await this.#answerOne(requests, course);
    const bytes = Buffer.from(text, "utf8");
    if (!isBusy) return { status: 200, body: bytes };
    return { status: 503, body: bytes, headers: { "retry-after": String(RETRY_AFTER_SEC) } };
  }

  /** No text is kept while its bytes are being read: they count as memory, it would not. */
  async *#answerBatch(requests: readonly RpcRequest[], course: Course): AsyncGenerator<Uint8Array> {
    let piece = "[";
    for (const [i, request] of requests.entries()) {
      if (i > 0) piece += ",";
      piece += (await this.#answerOne(request, course)).text;
      if (piece.length < SMALL_BYTES) continue;
      const bytes = Buffer.from(piece, "utf8");
      piece = "";
      yield bytes;
    }
    yield Buffer.from(`${piece}]`, "utf8");
  }

  async #answerOne(
    request: RpcRequest,
    course: Course,
  ): Promise<{ readonly text: string; readonly isBusy: boolean }> {
    let giveBack: (() => void) | undefined;
    for (;;) {
      await this.#takeTurn();
      try {
        const roomBytes = giveBack ? RESPONSE_BYTES_MAX : this.#findRoom(course);
        const text = course.isGone() ? "" : this.#compose(request, course.budget, roomBytes);
        return { text, isBusy: false };
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
      } finally {
        giveBack?.();
      }
      giveBack = await this.#inFlight.reserve(RESPONSE_BYTES_MAX, course.deadlineMs);
      if (giveBack === undefined) {
        course.isShort = true;
        const message = 'Too many answers wait to be read: ask again, or for less by "limit".';
        return { text: formatRpcError(request.id, new RpcError("busy", message)), isBusy: true };
      }
    }
  }

  /** What may be tried without waiting in line: little where much would be tried in vain. */
  #findRoom({ isShort }: Course): number {
    if (isShort) return SMALL_BYTES;
    const { left } = this.#inFlight;
    return left >= RESPONSE_BYTES_MAX
      ? left
      : Math.max(SMALL_BYTES, Math.min(TRIAL_BYTES_MAX, left));
  }

  #compose({ id, method, params }: RpcRequest, budget: ResponseBudget, roomBytes: number): string {
    try {
      if (method === undefined) {
        throw new RpcError("invalid_request", "This is not a JSON-RPC 2.0 request.");
      }
      const answer = this.#methods.get(method);
      if (answer === undefined) throw new RpcError("method_not_found", "Method not found");
      budget.begin(roomBytes);
      return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${answer(params, budget)}}`;
    } catch (error) {
      if (error instanceof NoRoom) throw error;
      if (error instanceof RpcError) return formatRpcError(id, error);
      this.#log(`JSON-RPC: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      return formatRpcError(id, new RpcError("internal_error", "Internal server error"));
    }
  }

  /** Between two turns the process does whatever else is to be done. */
  async #takeTurn(): Promise<void> {
    const turn = this.#turns.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    this.#turns = turn;
    await turn;
  }
}

function parseBody(body: Uint8Array): RpcRequest | readonly RpcRequest[] | RpcError {
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return new RpcError("parse_error", "The body is not JSON.");
  }
  if (!Array.isArray(request)) return toRpcRequest(request);
  if (request.length > 0 && request.length <= BATCH_MAX) return request.map(toRpcRequest);
  return new RpcError("invalid_request", `A batch holds 1 to ${BATCH_MAX} requests.`);
}
