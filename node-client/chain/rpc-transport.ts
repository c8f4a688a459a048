import {
  createTransport,
  HttpRequestError,
  InternalRpcError,
  LimitExceededRpcError,
  type Transport,
  withRetry,
} from "viem";
import { type BatchOptions, CallBatcher } from "./call-batcher.ts";
import { sleep as sleepFor } from "./poll.ts";
import { postJson } from "./post-json.ts";

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

const ATTEMPTS_AGAIN = 3;
const DELAY_MS = 150;
const TOO_MANY_REQUESTS = 429;
/** What another attempt may mend, as viem has it. */
const BUSY_STATUSES: readonly number[] = [403, 408, 413, TOO_MANY_REQUESTS, 500, 502, 503, 504];
const BUSY_CODES: readonly unknown[] = [
  ...[-1, TOO_MANY_REQUESTS],
  ...[LimitExceededRpcError.code, InternalRpcError.code],
];

/**
 * Our HTTP transport without batches, which asks again what was refused for the moment, but not
 * what was never answered: viem would wait four times as long as it was told, for a chain that is frozen.
 *
 * @param timeoutMs How long one request may go unanswered.
 * @param fetchFn The way to the provider; the host's own `fetch` unless given.
 */
export function createImpatientTransport(
  url: string,
  timeoutMs: number,
  fetchFn?: typeof fetch,
): Transport {
  const once = createRpcTransport(url, {
    ...{ timeout: timeoutMs, batchMax: 1, retryCount: 0 },
    ...(fetchFn === undefined ? {} : { fetchFn }),
  });
  return (options) => {
    const made = once(options);
    return {
      ...made,
      request: (call, how) =>
        withRetry(() => made.request(call, { ...how, retryCount: 0 }), {
          retryCount: ATTEMPTS_AGAIN,
          delay: ({ count }) => DELAY_MS << count,
          shouldRetry: ({ error }) => isBusy(error),
        }),
    } as ReturnType<Transport>;
  };
}

function isBusy(error: Error): boolean {
  if (error instanceof HttpRequestError) {
    return error.status === undefined || BUSY_STATUSES.includes(error.status);
  }
  return "code" in error && BUSY_CODES.includes(error.code);
}
