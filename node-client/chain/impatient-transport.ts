import {
  HttpRequestError,
  InternalRpcError,
  LimitExceededRpcError,
  type Transport,
  withRetry,
} from "viem";
import { createRpcTransport } from "./rpc-transport.ts";

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
