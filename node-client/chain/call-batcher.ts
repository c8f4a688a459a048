import { HttpRequestError } from "viem";
import { escapeWords } from "../escape-text.ts";
import type { PostAnswer } from "./post-json.ts";
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
/** Batches that pass before larger ones are tried again: after a moment's trouble, */
const PASSES_AFTER_TROUBLE = 4;
/** and after a refusal that may be for good. */
const PASSES_AFTER_REFUSAL = 64;
const PASSES_MAX = 1_024;
/** Batches under way at once: a provider that takes single calls only is not flooded with them. */
const BATCHES_AT_ONCE = 4;

export interface BatchOptions {
  readonly batchMax: number;
  readonly post: (content: object) => Promise<PostAnswer>;
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
  #passes = 0;
  #passesNeeded = PASSES_AFTER_TROUBLE;
  #queue: (readonly WaitingCall[])[] = [];
  #underWay = 0;

  constructor(url: string, options: BatchOptions) {
    this.#url = url;
    this.#options = options;
    this.#batchMax = options.batchMax;
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
    this.#queue.push(...cut(calls, this.#batchMax));
    this.#sendQueued();
  }

  #sendQueued(): void {
    while (this.#underWay < BATCHES_AT_ONCE) {
      const batch = this.#queue.shift();
      if (batch === undefined) return;
      this.#underWay += 1;
      this.#send(batch)
        .catch((error: unknown) => {
          // Where nothing answers any more, those that wait would only take as long each; those
          // that are settled already stay as they are.
          for (const call of [batch, ...this.#queue.splice(0)].flat()) call.reject(error);
        })
        .finally(() => {
          this.#underWay -= 1;
          this.#sendQueued();
        });
    }
  }

  /**
   * Settles every call of a batch.
   *
   * @throws where nothing was answered, or a single call's request was refused: what was to follow
   * on it is not tried.
   */
  async #send(calls: readonly WaitingCall[]): Promise<void> {
    let batch = calls;
    for (let pauses = 0; ; pauses += 1) {
      if (batch.length > this.#batchMax) return await this.#sendInParts(batch);
      const answer = await this.#post(batch);
      const isWholeTooMany =
        answer.status === TOO_MANY_REQUESTS || isTooOften(answer.body, batch.length > 1);
      const left = isWholeTooMany ? batch : this.#settle(batch, answer, pauses < PAUSES_MAX);
      if (left?.length === 0) return;
      const isTooMany = isWholeTooMany || left !== undefined;
      const { length } = batch;
      if (isTooMany && pauses < PAUSES_MAX) await this.#pause(answer, pauses);
      else if (length === 1) return this.#refuse(batch, answer, isTooMany);
      if (length > 1) this.#shrink(length, isTooMany || answer.status >= 500);
      batch = left ?? batch;
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

  async #post(batch: readonly WaitingCall[]): Promise<PostAnswer> {
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

  /**
   * Gives each call its answer.
   *
   * @param mayAsk Whether calls that came too often are kept, to be asked again.
   * @returns Those; `undefined` where the provider refused the request as a whole.
   */
  #settle(
    batch: readonly WaitingCall[],
    { body, isOk }: PostAnswer,
    mayAsk: boolean,
  ): readonly WaitingCall[] | undefined {
    const left: WaitingCall[] = [];
    if (batch.length === 1) {
      // Other statuses may carry a JSON-RPC error, which says more than they do.
      if (!isOk && !isRpcError(body)) return undefined;
      this.#settleOne(batch[0] as WaitingCall, body);
    } else {
      if (!Array.isArray(body)) return undefined;
      const answers = new Map<unknown, unknown>();
      for (const answer of body) if (isRecord(answer)) answers.set(answer.id, answer);
      if (!batch.some(({ id }) => answers.has(id))) return undefined;
      for (const call of batch) {
        const answer = answers.get(call.id);
        if (mayAsk && isTooOften(answer, false)) left.push(call);
        else if (answer !== undefined) this.#settleOne(call, answer);
        else
          call.reject(
            new AnswerMalformed(`a batch came back without its answer to ${call.method}`),
          );
      }
    }
    if (left.length === 0) this.#grow(batch.length);
    return left;
  }

  #settleOne(call: WaitingCall, answer: unknown): void {
    try {
      call.resolve(parseAnswer(call, answer, this.#url));
    } catch (error) {
      call.reject(error);
    }
  }

  /** A request of one call, refused for good; too many requests are so for those after it, too. */
  #refuse([call]: readonly WaitingCall[], answer: PostAnswer, isTooMany: boolean): void {
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

  async #pause({ retryAfterMs }: PostAnswer, pauses: number): Promise<void> {
    const wishMs = retryAfterMs ?? PAUSE_MS << pauses;
    await this.#options.sleep(Math.min(wishMs, RETRY_AFTER_MAX_MS));
  }

  /** @param isTrouble It may be over soon: too many requests, or a server's own fault. */
  #shrink(refusedLength: number, isTrouble: boolean): void {
    const smaller = Math.max(1, Math.floor(refusedLength / SHRINK));
    this.#batchMax = Math.min(this.#batchMax, smaller);
    this.#passes = 0;
    const least = isTrouble ? PASSES_AFTER_TROUBLE : PASSES_AFTER_REFUSAL;
    this.#passesNeeded = Math.max(least, Math.min(2 * this.#passesNeeded, PASSES_MAX));
  }

  #grow(length: number): void {
    const { batchMax } = this.#options;
    if (length < this.#batchMax || this.#batchMax >= batchMax) return;
    this.#passes += 1;
    if (this.#passes < this.#passesNeeded) return;
    this.#batchMax = Math.min(batchMax, 2 * this.#batchMax);
    this.#passes = 0;
    if (this.#batchMax === batchMax) this.#passesNeeded = PASSES_AFTER_TROUBLE;
  }
}

function* cut<T>(list: readonly T[], length: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += length) yield list.slice(at, at + length);
}
