import { createTransport, type Transport } from "viem";
import { type BatchOptions, CallBatcher } from "./call-batcher.ts";
import { postJson } from "./post-json.ts";
import { sleep as sleepFor } from "./sleep.ts";

const TIMEOUT_MS = 10_000;
const BATCH_MAX = 100;

export interface RpcTransportOptions {
  /** How long one request may go unanswered, in ms: viem's name for it. Ten seconds unless given. */
  readonly timeout?: number;
  /** Calls of one moment in one request, at most. 100 unless given; 1 for no batches at all. */
  readonly batchMax?: number;
  /** How often viem repeats a call that failed; three times by default. */
  readonly retryCount?: number;
  /** The way to the provider; the host's own `fetch` unless given. */
  readonly fetchFn?: typeof fetch;
  /** In place of the real ones, for tests. */
  readonly post?: BatchOptions["post"];
  readonly sleep?: BatchOptions["sleep"];
}

/**
 * viem's transport for a provider that is not believed. Calls of one moment go out as one JSON-RPC
 * batch. A provider that takes no batches, or fewer calls at once, gets smaller ones and in the end
 * single calls; one that asks for patience gets some. Every answer has its method's form, or is an
 * error.
 */
export function createRpcTransport(url: string, options: RpcTransportOptions = {}): Transport {
  const { timeout: timeoutMs = TIMEOUT_MS, batchMax = BATCH_MAX, sleep = sleepFor } = options;
  const { fetchFn = (...args) => fetch(...args), retryCount: ownRetryCount } = options;
  const {
    post = (content: object) => postJson(url, content, { timeoutMs, fetchFn }),
  }: RpcTransportOptions = options;
  const calls = new CallBatcher(url, { batchMax, sleep, post });
  return ({ retryCount }) => {
    const count = ownRetryCount ?? retryCount;
    return createTransport(
      {
        key: "http",
        name: "HTTP JSON-RPC",
        type: "http",
        request: (({ method, params }: { method: string; params?: unknown }) =>
          calls.call(method, params)) as never,
        ...(count === undefined ? {} : { retryCount: count }),
        timeout: timeoutMs,
      },
      { url },
    );
  };
}
