/** JSON-RPC 2.0 over one POST: single requests and batches. Knows no method. */

/** Codes of the official node (rollups-node v2). */
export const RPC_ERRORS = {
  parse_error: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  internal_error: -32603,
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

/** The room that is left in one HTTP answer, shared by all answers of a batch. */
export class ResponseBudget {
  #bytesLeft: number;

  constructor(bytes: number) {
    this.#bytesLeft = bytes;
  }

  /** Takes room for text of ASCII characters, and gives the text. */
  take(text: string): string {
    this.#bytesLeft -= text.length;
    if (this.#bytesLeft < 0) {
      throw new RpcError(
        "response_too_large",
        `The response would exceed ${RESPONSE_BYTES_MAX} bytes: ask for less by "limit".`,
      );
    }
    return text;
  }
}

/** Answers one method: the JSON text of its result, for which it takes room in the budget. */
export type RpcMethod = (params: unknown, budget: ResponseBudget) => string;

const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
const BATCH_MAX = 100;

/**
 * Answers a request body. Never throws: whatever the body is, a JSON-RPC response comes out.
 *
 * @param log Takes one line about a bug of ours; callers only learn that there was one.
 */
export async function answerJsonRpc(
  body: Uint8Array,
  methods: ReadonlyMap<string, RpcMethod>,
  log: (line: string) => void,
): Promise<string> {
  const budget = new ResponseBudget(RESPONSE_BYTES_MAX);
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return formatError(null, new RpcError("parse_error", "The body is no JSON."));
  }
  if (!Array.isArray(request)) return answerOne(request, methods, budget, log);

  if (request.length === 0 || request.length > BATCH_MAX) {
    const message = `A batch holds 1 to ${BATCH_MAX} requests.`;
    return formatError(null, new RpcError("invalid_request", message));
  }
  const answers: string[] = [];
  for (const one of request) {
    answers.push(answerOne(one, methods, budget, log));
    // The node's own work goes on between the answers of a long batch.
    await new Promise(setImmediate);
  }
  return `[${answers.join(",")}]`;
}

function answerOne(
  request: unknown,
  methods: ReadonlyMap<string, RpcMethod>,
  budget: ResponseBudget,
  log: (line: string) => void,
): string {
  let id: string | number | null = null;
  try {
    const call = requireRequest(request);
    id = call.id;
    const method = methods.get(call.method);
    if (method === undefined) throw new RpcError("method_not_found", "Method not found");
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${method(call.params, budget)}}`;
  } catch (error) {
    if (error instanceof RpcError) return formatError(id, error);
    log(`JSON-RPC: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return formatError(id, new RpcError("internal_error", "Internal server error"));
  }
}

interface RpcRequest {
  readonly id: string | number | null;
  readonly method: string;
  readonly params: unknown;
}

function requireRequest(request: unknown): RpcRequest {
  if (typeof request === "object" && request !== null) {
    const { jsonrpc, id = null, method, params } = request as Record<string, unknown>;
    const isId = id === null || typeof id === "string" || typeof id === "number";
    // A request without an id is answered with null, as the official node does.
    if (jsonrpc === "2.0" && isId && typeof method === "string") return { id, method, params };
  }
  throw new RpcError("invalid_request", "This is no JSON-RPC 2.0 request.");
}

function formatError(id: string | number | null, { code, message }: RpcError): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
