import { createClient } from "viem";
import { describe, expect, test } from "vitest";
import { ask, isTooMuch } from "../node-client/chain/ask-chain.ts";
import { parseRetryAfter } from "../node-client/chain/post-json.ts";
import { createRpcTransport } from "../node-client/chain/rpc-transport.ts";
import { escapeWords } from "../node-client/escape-text.ts";

/** How calls are packed for providers that take no batches, smaller ones, or fewer requests. */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}
type Answer = Response | object | string | null;

const URL = "http://provider.example/";
const honest = ({ id, params }: Call): object => ({ jsonrpc: "2.0", id, result: params[0] });
const tooOften = { jsonrpc: "2.0", id: null, error: { code: 429, message: "slow\u001b[2J down" } };

/** A stand-in provider in this process, and what it was asked. */
function connect(answer: (content: Call | Call[], request: number) => Answer) {
  const sizes: number[] = [];
  const sleeps: number[] = [];
  const transport = createRpcTransport(URL, {
    fetchFn: async (_, init) => {
      const content = JSON.parse(String(init?.body)) as Call | Call[];
      sizes.push(Array.isArray(content) ? content.length : 1);
      const given = answer(content, sizes.length - 1);
      return given instanceof Response ? given : new Response(JSON.stringify(given));
    },
    sleep: async (ms) => sleeps.push(ms),
  });
  const client = createClient({ transport });
  const askAll = (count: number): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(Array.from({ length: count }, (_, i) => ask(client, "test_echo", [i])));
  return { client, askAll, sizes, sleeps };
}

const valuesOf = (settled: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const batches = (content: Call | Call[]): boolean => Array.isArray(content);
const answerAll = (content: Call | Call[]): Answer =>
  Array.isArray(content) ? content.map(honest) : honest(content);

describe("calls of one moment", () => {
  test("go out in batches of at most a hundred, and are answered by their ids, in any order", async () => {
    const { askAll, sizes } = connect((content) => [...(answerAll(content) as object[])].reverse());
    expect(valuesOf(await askAll(250))).toEqual(upTo(250));
    expect(sizes).toEqual([100, 100, 50]);
  });

  test.each<[string, Answer | (() => Answer)]>([
    ["an error object", { jsonrpc: "2.0", id: null, error: { code: -32_600, message: "one!" } }],
    ["a list of one error for nobody", [{ id: null, error: { code: -32_600, message: "no" } }]],
    ["an empty list", []],
    ["null", null],
    ["a page", () => new Response("<html>")],
    ["HTTP 405", () => new Response("no", { status: 405 })],
    ["HTTP 413", () => new Response("{}", { status: 413 })],
  ])("go out singly where batches are answered by %s", async (_, refusal) => {
    const { askAll, sizes, sleeps } = connect((content) => {
      if (!batches(content)) return answerAll(content);
      return typeof refusal === "function" ? refusal() : refusal;
    });
    expect(valuesOf(await askAll(23))).toEqual(upTo(23));
    // What was learned is kept: twelve batches come to nothing, and no other is tried.
    expect(sizes.filter((size) => size > 1)).toEqual([23, 2]);
    const before = sizes.length;
    expect(valuesOf(await askAll(5))).toEqual(upTo(5));
    expect([sizes.slice(before), sleeps]).toEqual([[1, 1, 1, 1, 1], []]);
  });

  test("are smaller where only large batches are refused", async () => {
    const { askAll, sizes } = connect((content) =>
      Array.isArray(content) && content.length > 20
        ? { error: { code: -32_000, message: "batch too large" } }
        : answerAll(content),
    );
    expect(valuesOf(await askAll(100))).toEqual(upTo(100));
    expect(sizes).toEqual([100, ...Array(10).fill(10)]);
  });

  test("wait as long as Retry-After says, but not for ever, and go on in smaller batches", async () => {
    const { askAll, sizes, sleeps } = connect((content, request) => {
      const after = ["3", "86400"][request];
      if (after === undefined) return answerAll(content);
      const headers = { "retry-after": after };
      return new Response(JSON.stringify(tooOften), { status: 429, headers });
    });
    expect(valuesOf(await askAll(30))).toEqual(upTo(30));
    expect([sleeps, sizes[0], sizes[1]]).toEqual([[3_000, 10_000], 30, 3]);
    // And larger again, after some that passed.
    for (let i = 0; i < 12; i += 1) expect(valuesOf(await askAll(30))).toEqual(upTo(30));
    expect(Math.max(...sizes.slice(2))).toBeGreaterThan(3);
  });

  test("fail by the provider's own words where it never takes any, after a bounded number", async () => {
    const { askAll, sizes, sleeps } = connect(() => tooOften);
    const told = valuesOf(await askAll(100));
    expect(told[0]).toMatch(/Could not read the chain \(test_echo\): .*slow\\u\{1b\}\[2J down/);
    expect([told.length, sizes.length < 20, sleeps.length < 20]).toEqual([100, true, true]);
  });

  test("go out in large batches again after a server's fault", async () => {
    const { askAll, sizes } = connect((content, request) =>
      request === 0 ? new Response("{}", { status: 503 }) : answerAll(content),
    );
    for (let round = 0; round < 60; round++) {
      expect(valuesOf(await askAll(100))).toEqual(upTo(100));
    }
    // 6,000 calls: some rounds in tens, then all in hundreds.
    expect(sizes.length).toBeLessThan(150);
    expect(sizes.at(-1)).toBe(100);
  });

  test("are tried in batches now and then where they were refused for good, at little cost", async () => {
    const { askAll, sizes } = connect((content) =>
      batches(content) ? { error: { code: -32_600, message: "no" } } : answerAll(content),
    );
    for (let round = 0; round < 50; round++) await askAll(100);
    expect(sizes.filter((size) => size > 1).length).toBeLessThan(40);
  });

  test("are at most four requests at once, however many the provider makes of them", async () => {
    let [atOnce, most] = [0, 0];
    const transport = createRpcTransport(URL, {
      fetchFn: async (_, init) => {
        most = Math.max(most, ++atOnce);
        await new Promise((next) => setTimeout(next, 1));
        atOnce -= 1;
        const content = JSON.parse(String(init?.body)) as Call | Call[];
        return Array.isArray(content)
          ? new Response("no", { status: 405 })
          : new Response(JSON.stringify(honest(content)));
      },
      sleep: async () => {},
    });
    const client = createClient({ transport });
    const askMany = () => Promise.all(upTo(300).map((i) => ask(client, "test_echo", [i])));
    expect(await askMany()).toEqual(upTo(300));
    expect(await askMany()).toEqual(upTo(300));
    expect(most).toBeLessThanOrEqual(4);
  });

  test("that came too often within a batch are asked again by themselves", async () => {
    const { askAll, sizes, sleeps } = connect((content, request) =>
      request >= 2 || !Array.isArray(content)
        ? answerAll(content)
        : content.map((call, i) => (i % 5 > 0 ? { ...tooOften, id: call.id } : honest(call))),
    );
    expect(valuesOf(await askAll(100))).toEqual(upTo(100));
    expect(sizes.slice(0, 2)).toEqual([100, 10]);
    expect(sleeps.length).toBeGreaterThan(0);
  });

  test("that a batch leaves out fail alone", async () => {
    const { askAll } = connect((content) => (answerAll(content) as object[]).slice(1));
    const [first, ...others] = valuesOf(await askAll(3));
    expect(first).toMatch(/a batch came back without its answer to test_echo/);
    expect(others).toEqual([1, 2]);
  });
});

describe("a single call", () => {
  test.each<[string, string, RegExp]>([
    ["null", "null", /null came for eth_call/],
    ["a list", "[7]", /\[7\] came for eth_call/],
    ["a text", '"x"', /"x" came for eth_call/],
    ["an object without a result", '{"id":0}', /\{"id":0\} came for eth_call/],
    [
      "an error that is a text",
      '{"error":"go\\u001b[31m away"}',
      /go\\u\{1b\}\[31m away|go\\u001b/,
    ],
    ["an error without a message", '{"error":{"code":"x"}}', /\{"code":"x"\}/],
    ["a result that is null", '{"result":null}', /eth_call gave null/],
    ["a result of half a byte", '{"result":"0x0"}', /eth_call gave "0x0"/],
    ["a result that is no hexadecimal", '{"result":"0xzz"}', /eth_call gave "0xzz"/],
    ["no JSON", "<html>", /answered with something that is not JSON/],
  ])("answered by %s fails as the chain's fault", async (_, text, words) => {
    const { client } = connect(() => new Response(text));
    const told = ask(client, "eth_call", [{ to: "0x", data: "0x" }, "latest"]);
    await expect(told).rejects.toMatchObject({ name: "ChainReadError" });
    await expect(told).rejects.toThrow(words);
  });

  test("that exceeds a limit of its own is not asked again by itself", async () => {
    const error = { code: -32_005, message: "query exceeds max block range" };
    const { client, sizes, sleeps } = connect(() => ({ id: 0, error }));
    const told = ask(client, "eth_getLogs", [{}]);
    await expect(told).rejects.toThrow("query exceeds max block range");
    await expect(told).rejects.toSatisfy(isTooMuch);
    expect([sizes, sleeps]).toEqual([[1], []]);
  });

  test("tells the HTTP status together with what came", async () => {
    const { client } = connect(() => new Response("key\u009b expired\n", { status: 401 }));
    await expect(ask(client, "eth_chainId", [])).rejects.toThrow(
      'status 401 ("key\\u{9b} expired")',
    );
  });
});

test("Retry-After is seconds or a date", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("7", nowMs)).toBe(7_000);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:09 GMT", nowMs)).toBe(9_000);
  expect(parseRetryAfter("Thu, 01 Jan 2025 00:00:09 GMT", nowMs)).toBe(0);
  for (const junk of [null, "", "soon", "-1", "1e99"]) {
    expect(parseRetryAfter(junk, nowMs)).toBe(undefined);
  }
});

test("a provider's words are one short line that no terminal obeys", () => {
  expect(escapeWords("a\n\tb \u202ec\ud800")).toBe("a b \\u{202e}c\\u{d800}");
  expect(escapeWords("x".repeat(70_000)).length).toBeLessThan(400);
});
