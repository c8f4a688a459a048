import { HttpRequestError } from "viem";
import { escapeWords } from "../escape-text.ts";
import type { HttpAnswer } from "./post-json.ts";
import {
  AnswerMalformed,
  isRecord,
  isRpcError,
  isTooOften,
  parseAnswer,
  wordsOf,
} from "./rpc-answer.ts";

const TOO_MANY_REQUESTS = 429;
/** Waits for a provider that has too many requests, before it is given up. */
const PAUSES_MAX = 3;
const PAUSE_MS = 250;
/** What a provider asks for beyond this is not waited for. */
const RETRY_AFTER_MAX_MS = 10_000;
/** How much smaller the batches are after one that was refused. */
const SHRINK = 10;
/** Batches that pass before larger ones are tried again. */
const PASSES_BEFORE_GROWTH = 4;
const PASSES_MAX = 1_024;

export interface BatchOptions {
  readonly batchMax: number;
  readonly post: (content: object) => Promise<HttpAnswer>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

interface WaitingCall {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends the calls of one moment together, in batches as large as the provider takes them. */
export class CallBatcher {
  readonly #url: string;
  readonly #options: BatchOptions;
  #nextId = 0;
  #waiting: WaitingCall[] = [];
  #batchMax: number;
  /** No batches larger than this: one was refused, and not because of too many requests. */
  #ceiling: number;
  #passes = 0;
  #passesNeeded = PASSES_BEFORE_GROWTH;

  constructor(url: string, options: BatchOptions) {
    this.#url = url;
    this.#options = options;
    this.#batchMax = options.batchMax;
    this.#ceiling = options.batchMax;
  }

  /**
   * One call's result, checked by its method's form.
   *
   * @throws what `parseAnswer` throws; HttpRequestError, TimeoutError of the request.
   */
  call(method: string, params: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: this.#nextId++, method, params, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#flush(), 0);
    });
  }

  #flush(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    for (const batch of cut(calls, this.#batchMax)) {
      this.#send(batch).catch((error: unknown) => rejectAll(batch, error));
    }
  }

  /**
   * Settles every call of a batch.
   *
   * @throws where nothing was answered, or a single call's request was refused: what was to follow
   * on it is not tried.
   */
  async #send(batch: readonly WaitingCall[]): Promise<void> {
    for (let pauses = 0; ; pauses += 1) {
      if (batch.length > this.#batchMax) return await this.#sendInParts(batch);
      const answer = await this.#post(batch);
      const isTooMany =
        answer.status === TOO_MANY_REQUESTS || isTooOften(answer.body, batch.length > 1);
      if (!isTooMany && this.#settle(batch, answer)) return;
      if (isTooMany && pauses < PAUSES_MAX) await this.#pause(answer, pauses);
      else if (batch.length === 1) return this.#refuse(batch, answer, isTooMany);
      if (batch.length > 1) this.#shrink(batch.length, isTooMany);
    }
  }

  /** One part after the other; where nothing answers any more, the rest is not tried. */
  async #sendInParts(batch: readonly WaitingCall[]): Promise<void> {
    for (let at = 0; at < batch.length; ) {
      const part = batch.slice(at, at + this.#batchMax);
      await this.#send(part);
      at += part.length;
    }
  }

  async #post(batch: readonly WaitingCall[]): Promise<HttpAnswer> {
    const calls = batch.map(({ id, method, params }) => ({ jsonrpc: "2.0", id, method, params }));
    try {
      return await this.#options.post(calls.length === 1 ? (calls[0] as object) : calls);
    } catch (error) {
      // A page in place of an answer: a single call may fare better.
      const isPage = error instanceof HttpRequestError && error.cause instanceof SyntaxError;
      if (!isPage || batch.length === 1) throw error;
      return { status: 0, isOk: false, retryAfterMs: undefined, body: undefined, words: "" };
    }
  }

  /** Gives each call its answer. False where the provider refused the request as a whole. */
  #settle(batch: readonly WaitingCall[], { body, isOk }: HttpAnswer): boolean {
    if (batch.length === 1) {
      // Other statuses may carry a JSON-RPC error, which says more than they do.
      if (!isOk && !isRpcError(body)) return false;
      this.#settleOne(batch[0] as WaitingCall, body);
    } else {
      if (!Array.isArray(body)) return false;
      const answers = new Map<unknown, unknown>();
      for (const answer of body) if (isRecord(answer)) answers.set(answer.id, answer);
      const answered = batch.filter(({ id }) => answers.has(id));
      if (answered.length === 0) return false;
      for (const call of answered) this.#settleOne(call, answers.get(call.id));
      for (const call of batch) {
        if (answers.has(call.id)) continue;
        call.reject(new AnswerMalformed(`a batch came back without its answer to ${call.method}`));
      }
    }
    this.#grow(batch.length);
    return true;
  }

  #settleOne(call: WaitingCall, answer: unknown): void {
    try {
      call.resolve(parseAnswer(call, answer, this.#url));
    } catch (error) {
      call.reject(error);
    }
  }

  /** A request of one call, refused for good; too many requests are so for those after it, too. */
  #refuse([call]: readonly WaitingCall[], answer: HttpAnswer, isTooMany: boolean): void {
    const { method, params } = call as WaitingCall;
    const { status, isOk, body, words } = answer;
    if (isOk || isRpcError(body)) {
      this.#settleOne(call as WaitingCall, body);
      if (!isTooMany) return;
    }
    const details = body === undefined ? words : escapeWords(wordsOf(body));
    throw new HttpRequestError({
      ...{ body: { method, params }, details, url: this.#url },
      status: isTooMany ? TOO_MANY_REQUESTS : status,
    });
  }

  async #pause({ retryAfterMs }: HttpAnswer, pauses: number): Promise<void> {
    const wishMs = retryAfterMs ?? PAUSE_MS << pauses;
    await this.#options.sleep(Math.min(wishMs, RETRY_AFTER_MAX_MS));
  }

  #shrink(refusedLength: number, isTooMany: boolean): void {
    const smaller = Math.max(1, Math.floor(refusedLength / SHRINK));
    this.#batchMax = Math.min(this.#batchMax, smaller);
    if (!isTooMany) this.#ceiling = Math.min(this.#ceiling, smaller);
    this.#passes = 0;
    this.#passesNeeded = Math.min(2 * this.#passesNeeded, PASSES_MAX);
  }

  #grow(length: number): void {
    if (length < this.#batchMax || this.#batchMax >= this.#ceiling) return;
    this.#passes += 1;
    if (this.#passes < this.#passesNeeded) return;
    this.#batchMax = Math.min(this.#ceiling, 2 * this.#batchMax);
    this.#passes = 0;
  }
}

function* cut<T>(list: readonly T[], length: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += length) yield list.slice(at, at + length);
}

/** Those that are settled already stay as they are. */
function rejectAll(calls: readonly WaitingCall[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
