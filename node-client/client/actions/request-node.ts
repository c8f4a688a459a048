import { NodeAnswerInvalid, NodeRequestRefused, NodeUnreachable } from "./node-errors.ts";
import type { NodeMethod, NodeMethods } from "./node-methods.ts";

/** The way to a node, and how long an answer may take. */
export interface NodeWay {
  readonly timeoutMs: number;
  /** The host's own `fetch` unless given. */
  readonly fetchFn?: typeof fetch | undefined;
}

interface NodePostOptions extends NodeWay {
  readonly contentType: string;
}

/** A kept-alive socket that the node closed meanwhile: the request was never read. */
const STALE_SOCKET_CODES = new Set(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"]);

/**
 * One POST to a node, and its answer as JSON. Everything that is asked of a node only reads, so a
 * request over a socket that has gone stale is sent again.
 *
 * @throws NodeUnreachable when nobody answers in time.
 * @throws NodeAnswerInvalid when the answer is not a JSON object.
 */
export async function postToNode(
  url: string,
  body: string | Uint8Array,
  options: NodePostOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await post(url, body, options).catch((error) => {
    if (!STALE_SOCKET_CODES.has(findCode(error))) throw error;
    return post(url, body, options);
  });
  let answer: unknown;
  try {
    answer = JSON.parse(response.text);
  } catch (cause) {
    const start = response.text.trim().slice(0, 80);
    throw new NodeAnswerInvalid(url, `HTTP ${response.status} "${start}"`, cause);
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new NodeAnswerInvalid(url, `HTTP ${response.status} without a JSON object`);
  }
  return answer as Record<string, unknown>;
}

async function post(
  url: string,
  body: string | Uint8Array,
  { contentType, timeoutMs, fetchFn = (...args) => fetch(...args) }: NodePostOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetchFn(url, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const code = findCode(error);
    throw new NodeUnreachable(url, code || describe(error, timeoutMs), error);
  }
}

function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `silent for ${timeoutMs} ms`;
  return error instanceof Error ? error.message : String(error);
}

/** The system's or the HTTP client's error code, however deep it is wrapped. */
function findCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
    // Trying IPv4 and IPv6 fails with one error for both.
    if (at instanceof AggregateError && at.errors[0] !== at) return findCode(at.errors[0]);
  }
  return "";
}

let nextId = 1;

/**
 * One JSON-RPC request to a node.
 *
 * @throws NodeUnreachable, NodeAnswerInvalid, and NodeRequestRefused with JSON-RPC's error code.
 * @example
 * const { data } = await requestNode(at, "cartesi_getInput", { application, input_index: "0x0" });
 */
export async function requestNode<Method extends NodeMethod>(
  { nodeUrl, ...way }: NodeWay & { readonly nodeUrl: string },
  method: Method,
  params: NodeMethods[Method]["params"],
): Promise<NodeMethods[Method]["result"]> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params });
  const answer = await postToNode(nodeUrl, body, { contentType: "application/json", ...way });
  if (answer.error !== undefined && answer.error !== null) {
    const { code, message } = answer.error as { code?: unknown; message?: unknown };
    throw new NodeRequestRefused(method, Number(code), String(message));
  }
  const { result } = answer;
  if (typeof result !== "object" || result === null || !("data" in result)) {
    throw new NodeAnswerInvalid(nodeUrl, `${method} without data`);
  }
  return result as NodeMethods[Method]["result"];
}
