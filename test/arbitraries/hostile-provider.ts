import { type PostAnswer, postJson } from "../../node-client/chain/post-json.ts";
import { mutateJson, mutateText } from "./hostile-texts.ts";
import type { SeededRng } from "./seeded-rng.ts";

/** A provider's recorded answers, played back in this process with something done to them. */

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Far above what any honest replay of the recording asks, repetitions included. */
const REQUESTS_MAX = 3_000;
const STATUSES = [200, 200, 400, 401, 404, 413, 429, 429, 500, 502, 503, 504] as const;
const RETRY_AFTER = ["0", "7", "1e9", "99999999", "-1", "soon", "\u00ff", ""] as const;

/** What a provider answered, by the call. */
export class RecordedAnswers {
  readonly #answers = new Map<string, unknown>();
  readonly #methods = new Set<string>();

  /** `fetch` that keeps what the provider at `url` answers. */
  recorder(url: string): typeof fetch {
    return async (_, init) => {
      const content = JSON.parse(String(init?.body)) as Call | Call[];
      const response = await fetch(url, init);
      const answers = [await response.json()].flat() as { id: unknown; result: unknown }[];
      for (const call of [content].flat() as Call[]) {
        const { result } = answers.find(({ id }) => id === call.id)!;
        this.#answers.set(keyOf(call), result);
        this.#methods.add(call.method);
      }
      return Response.json(Array.isArray(content) ? answers : answers[0]);
    };
  }

  get keys(): readonly string[] {
    return [...this.#answers.keys()];
  }

  /** The answer to a call; one that was never asked is refused, as providers refuse old blocks. */
  answer(key: string, id: unknown): Record<string, unknown> {
    if (this.#answers.has(key)) return { jsonrpc: "2.0", id, result: this.#answers.get(key) };
    const error = { code: -32_000, message: "missing\u001b[2J trie\u202e node" };
    return { jsonrpc: "2.0", id, error };
  }
}

/** A stand-in for a provider: one mutation, of one call's answers or of whole responses. */
export class MutatedProvider {
  readonly #recorded: RecordedAnswers;
  readonly #rng: SeededRng;
  readonly #target: string;
  /** The same answer every time, as a provider that stays by its lie, or another one each time. */
  readonly #isSteady: boolean;
  readonly #how: number;
  #strikesLeft: number;
  #kept: Record<string, unknown> | undefined;
  #requests = 0;

  constructor(recorded: RecordedAnswers, rng: SeededRng) {
    this.#recorded = recorded;
    this.#rng = rng;
    this.#target = rng.pick(recorded.keys);
    this.#isSteady = rng.chance(2);
    this.#how = rng.below(8);
    this.#strikesLeft = rng.chance(2) ? Number.POSITIVE_INFINITY : rng.between(1, 3);
  }

  /** The call whose answers are altered, and one altered answer to it. */
  alterOne(): { readonly method: string; readonly answer: unknown } {
    const honest = this.#recorded.answer(this.#target, 7);
    const [method = ""] = this.#target.split(" ", 1);
    return { method, answer: this.#change(honest) };
  }

  get words(): string {
    const kind = `mutation ${this.#how}${this.#isSteady ? ", steady" : ""}`;
    return `${kind}, of ${this.#target.slice(0, 200)}`;
  }

  readonly post = async (content: object): Promise<PostAnswer> => {
    this.#requests += 1;
    if (this.#requests > REQUESTS_MAX) throw new RangeError("it asks for ever");
    const calls = [content].flat() as Call[];
    const isHit = calls.some((call) => keyOf(call) === this.#target) && this.#strikesLeft-- > 0;
    const answers = calls.map((call) => {
      const key = keyOf(call);
      const honest = this.#recorded.answer(key, call.id);
      return isHit && key === this.#target ? this.#alter(honest) : honest;
    });
    const whole = Array.isArray(content) ? answers : answers[0];
    if (!isHit || this.#how < 6) return ok(whole);
    if (this.#how === 6) return ok(mutateJson(whole, this.#rng));
    // The real reading of HTTP, which costs too much for all of them.
    const fetchFn = async (): Promise<Response> => this.#respond(whole);
    return await postJson("http://provider.example", content, { timeoutMs: 10_000, fetchFn });
  };

  /** Mutations 0 to 5 are of the one answer. */
  #alter(honest: Record<string, unknown>): Record<string, unknown> {
    if (this.#how > 5) return honest;
    if (this.#isSteady && this.#kept !== undefined) return { ...this.#kept, id: honest.id };
    this.#kept = this.#change(honest);
    return this.#kept;
  }

  #change(honest: Record<string, unknown>): Record<string, unknown> {
    const rng = this.#rng;
    switch (this.#how) {
      case 0:
        return { ...honest, result: mutateJson(honest.result, rng) };
      case 1:
        return { ...honest, result: changeDigit(honest.result, rng) };
      case 2:
        return {
          ...honest,
          result: this.#recorded.answer(rng.pick(this.#recorded.keys), 0).result,
        };
      case 3: {
        const code = rng.pick([429, -32_005, -32_000, -32_601, -32_603, 3, "x", null]);
        return { jsonrpc: "2.0", id: honest.id, error: { code, message: "a\u009b1m \u2066b\nc" } };
      }
      case 4: {
        const error = mutateJson({ code: -32_000, message: "no", data: "0x08c379a0" }, rng);
        return { jsonrpc: "2.0", id: honest.id, error };
      }
      default:
        return mutateJson(honest, rng) as Record<string, unknown>;
    }
  }

  #respond(whole: unknown): Response {
    const rng = this.#rng;
    const status = rng.pick(STATUSES);
    const headers = rng.chance(2) ? {} : { "retry-after": rng.pick(RETRY_AFTER) };
    const text = rng.chance(3) ? "<html>\u001b[31mbusy" : mutateText(JSON.stringify(whole), rng);
    return new Response(text, { status, headers });
  }
}

const ok = (body: unknown): PostAnswer => ({
  ...{ status: 200, isOk: true, retryAfterMs: undefined, words: "" },
  body,
});

const keyOf = ({ method, params }: Call): string => `${method} ${JSON.stringify(params)}`;

/** One hexadecimal digit of one text in a result becomes another: nothing but its meaning is wrong. */
function changeDigit(value: unknown, rng: SeededRng): unknown {
  const json = JSON.stringify(value);
  const texts = [...json.matchAll(/0x[0-9a-f]+/gi)];
  if (texts.length === 0) return mutateJson(value, rng);
  const { index, 0: text } = rng.pick(texts);
  const at = index + 2 + rng.below(text.length - 2);
  const digit = rng.below(16).toString(16);
  return JSON.parse(json.slice(0, at) + digit + json.slice(at + 1));
}
