import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64 } from "@scure/base";
import { HttpRequestError, TimeoutError } from "viem";
import { escapeWords } from "../escape-text.ts";

/** An answer longer than this is not read to its end: pages of logs stay far below. */
const ANSWER_CHARACTERS_MAX = 1 << 28;
/** How much longer than its first byte an answer's end may be awaited. */
const BODY_PATIENCE = 6;

/** What came back over HTTP, whatever its status. */
export interface PostAnswer {
  readonly status: number;
  readonly isOk: boolean;
  /** The seconds or the date of `Retry-After`, as time from now. */
  readonly retryAfterMs: number | undefined;
  /** Parsed JSON; `undefined` where an answer that is not OK has none. */
  readonly body: unknown;
  /** The body of an answer that is not OK, for messages: escaped. */
  readonly words: string;
}

interface PostOptions {
  /** How long the answer may take to begin. */
  readonly timeoutMs: number;
  readonly fetchFn: typeof fetch;
}

/**
 * Sends JSON and reads the answer. viem's own client bounds the wait for an answer's beginning
 * only, and loses the headers of answers that carry a JSON-RPC error.
 *
 * @throws TimeoutError, or HttpRequestError: without a status where nothing answered, and with a
 * SyntaxError as its cause where an answer that should be JSON is not.
 */
export async function postJson(
  url: string,
  content: object,
  { timeoutMs, fetchFn }: PostOptions,
): Promise<PostAnswer> {
  const { target, headers } = splitCredentials(url);
  const body = content as { [name: string]: unknown };
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetchFn(target, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(content),
      signal: abort.signal,
    });
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), BODY_PATIENCE * timeoutMs);
    const text = await readText(response);
    return {
      status: response.status,
      isOk: response.ok,
      retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), Date.now()),
      body: parseBody(text, response.ok),
      words: escapeWords(text),
    };
  } catch (error) {
    if (abort.signal.aborted) throw new TimeoutError({ body, url });
    throw new HttpRequestError({ body, cause: error as Error, url });
  } finally {
    clearTimeout(timer);
  }
}

/** `Retry-After` gives seconds, or a date (RFC 9110 §10.2.3). Anything else is not a wish. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1_000;
  // `Date.parse` makes a date of nearly anything.
  const dateMs = /^[A-Z][a-z]{2}, \d/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  // Not every browser iterates over a body.
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    text += decoder.decode(value, { stream: true });
    if (text.length <= ANSWER_CHARACTERS_MAX) continue;
    await reader.cancel();
    throw new SyntaxError("the answer is too long");
  }
  return text + decoder.decode();
}

function parseBody(text: string, isNeeded: boolean): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (isNeeded) throw error;
    return undefined;
  }
}

/** `fetch` takes no user and password in a URL, which providers give to identify a customer. */
function splitCredentials(url: string): {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (!URL.canParse(url)) return { target: url, headers: {} };
  const target = new URL(url);
  if (target.username === "") return { target: url, headers: {} };
  const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
  target.username = "";
  target.password = "";
  const authorization = `Basic ${base64.encode(utf8ToBytes(pair))}`;
  return { target: target.toString(), headers: { authorization } };
}
