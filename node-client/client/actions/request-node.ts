import { NodeAnswerInvalid, NodeRequestRefused } from "./node-errors.ts";
import type { NodeMethod, NodeMethods } from "./node-methods.ts";
import { postToNode } from "./post-to-node.ts";

/** Where a node's JSON-RPC API is, and how long an answer may take. */
interface NodeEndpoint {
  readonly nodeUrl: string;
  readonly timeoutMs: number;
  /** The way there; the host's own `fetch` unless given. */
  readonly fetchFn?: typeof fetch | undefined;
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
  { nodeUrl, ...how }: NodeEndpoint,
  method: Method,
  params: NodeMethods[Method]["params"],
): Promise<NodeMethods[Method]["result"]> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params });
  const answer = await postToNode(nodeUrl, body, { contentType: "application/json", ...how });
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
