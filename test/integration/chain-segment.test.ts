/** Reading the chain's logs: from a real chain, and through providers that leave out and lie. */
import { createClient, type Hex, http, keccak256, toHex } from "viem";
import { readContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isCanonical, readHead } from "../../node-client/chain/ask-chain.ts";
import type { BlockReference, ChainSegment } from "../../node-client/chain/chain-input.ts";
import { ChainReadError, type ChainReadFault } from "../../node-client/chain/chain-read-error.ts";
import { INPUT_BOX_ABI, TOPICS } from "../../node-client/chain/contracts.ts";
import { decodeEvmAdvance } from "../../node-client/chain/decode-evm-advance.ts";
import {
  createReadingPace,
  type ReadingPace,
  readSegment,
} from "../../node-client/chain/read-segment.ts";

import { type LyingProvider, type RpcCall, startLyingProvider } from "./fixtures/lying-provider.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";

const PAYLOADS = Array.from({ length: 23 }, (_, i) => toHex(`payload ${i}`.repeat(i)));

let chain: TestChain;
let provider: LyingProvider;
let head: BlockReference;

beforeAll(async () => {
  chain = await startTestChain();
  await chain.addInputs(PAYLOADS, 3);
  await chain.control.mine({ blocks: 4 });
  head = await readHead(chain.client);
  provider = await startLyingProvider(chain.anvil.rpcUrl);
});

afterEach(() => {
  provider.lie = {};
});

afterAll(async () => {
  await provider.close();
  await chain.stop();
});

/** Only silence is waited for to its end: an answer that comes late must not count as none. */
const connect = (url: string, batch = false) => {
  const timeout = provider.lie.silent === undefined ? 10_000 : 500;
  return createClient({ transport: http(url, { batch, timeout, retryCount: 0 }) });
};

interface Position {
  readonly from?: BlockReference | undefined;
  readonly inputCount?: number;
  readonly head?: BlockReference;
}

/** One segment through the provider as it lies now. */
function read(pace: ReadingPace, position: Position = {}, batch = false): Promise<ChainSegment> {
  return readSegment(connect(provider.url, batch), chain.contracts, {
    from: undefined,
    firstBlock: 0,
    inputCount: 0,
    head,
    pace,
    ...position,
  });
}

/** Segments until the head, each following on the one before. */
async function readAll(pace: ReadingPace, batch = false): Promise<ChainSegment[]> {
  const segments: ChainSegment[] = [];
  let inputCount = 0;
  for (;;) {
    const from = segments.at(-1)?.head;
    if (from?.number === head.number) return segments;
    const segment = await read(pace, { from, inputCount }, batch);
    inputCount += segment.inputs.length;
    segments.push(segment);
  }
}

const listPayloads = (segments: readonly ChainSegment[]): Hex[] =>
  segments.flatMap(({ inputs }) => inputs.map(({ blob }) => toHex(decodeEvmAdvance(blob).payload)));

async function faultOf(reading: Promise<unknown>): Promise<ChainReadFault | undefined> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return undefined;
  if (!(error instanceof ChainReadError)) throw error;
  return error.fault;
}

const isInputLogs = ({ method, params }: RpcCall): boolean =>
  method === "eth_getLogs" && JSON.stringify(params).includes(TOPICS.inputAdded);

/** Lies about the logs of inputs only. */
const falsifyInputs = (change: (logs: Record<string, unknown>[]) => unknown) => ({
  falsify: (call: RpcCall, result: unknown) =>
    isInputLogs(call) ? change(result as Record<string, unknown>[]) : result,
});

describe("an honest provider", () => {
  test.each([
    ["in one page", { blocks: 1_000 }],
    ["in pages of one block", { blocks: 1, blocksMax: 1 }],
    ["in pages of four blocks", { blocks: 4, blocksMax: 4 }],
  ])("gives every input, %s", async (_, pace) => {
    const segments = await readAll(createReadingPace(pace));
    expect(listPayloads(segments)).toEqual(PAYLOADS);
    const inputs = segments.flatMap((segment) => segment.inputs);
    expect(inputs.map(({ index }) => index)).toEqual(PAYLOADS.map((_, i) => i));
    expect(segments.at(-1)?.head).toEqual(head);
  });

  test("may be asked in batches", async () => {
    const segments = await readAll(createReadingPace({ blocks: 5 }), true);
    expect(listPayloads(segments)).toEqual(PAYLOADS);
  });

  test("gives blobs with the InputBox's own hashes", async () => {
    const [segment] = await readAll(createReadingPace());
    const { inputBox, app } = chain.contracts;
    for (const { index, blob } of segment!.inputs) {
      const hash = await readContract(chain.client, {
        address: inputBox,
        abi: INPUT_BOX_ABI,
        functionName: "getInputHash",
        args: [app, BigInt(index)],
      });
      expect(keccak256(blob)).toBe(hash);
    }
  });

  test("lets pages grow where there is little, and makes them shorter where there is much", async () => {
    const growing = createReadingPace({ blocks: 2 });
    await readAll(growing);
    expect(growing.blocks).toBeGreaterThan(2);
    const shrinking = createReadingPace({ blocks: 8, blocksMax: 8, logsMax: 2 });
    const segments = await readAll(shrinking);
    expect(listPayloads(segments)).toEqual(PAYLOADS);
    expect(segments.length).toBeGreaterThan(Math.ceil((head.number + 1) / 8));
  });

  test("knows which block is whose", async () => {
    const client = connect(provider.url);
    expect(await isCanonical(client, head)).toBe(true);
    expect(await isCanonical(client, { ...head, hash: `0x${"5a".repeat(32)}` })).toBe(false);
    expect(await isCanonical(client, { ...head, number: head.number + 1_000 })).toBe(false);
  });

  test("is not asked for what is read already", async () => {
    await expect(read(createReadingPace(), { from: head })).rejects.toThrow(RangeError);
  });
});

describe("a provider with limits", () => {
  const tooFar = { error: { code: -32_005, message: "block range exceeds 3" } };
  const isFar = ({ method, params }: RpcCall): boolean => {
    const [filter] = params as [{ fromBlock: Hex; toBlock: Hex }];
    return method === "eth_getLogs" && Number(filter.toBlock) - Number(filter.fromBlock) > 2;
  };

  test.each([
    ["by its own error", { refuse: (call: RpcCall) => (isFar(call) ? tooFar : undefined) }],
    [
      "by another code",
      {
        refuse: (call: RpcCall) =>
          isFar(call) ? { error: { code: -32_602, message: "too many results" } } : undefined,
      },
    ],
    ["by silence", { silent: (calls: readonly RpcCall[]) => calls.some(isFar) }],
    [
      "by a gateway's status",
      {
        http: (calls: readonly RpcCall[]) =>
          calls.some(isFar) ? { status: 504, body: "<html>timeout</html>" } : undefined,
      },
    ],
  ])("is asked for less: %s", async (_, lie) => {
    provider.lie = lie;
    const pace = createReadingPace();
    expect(listPayloads(await readAll(pace))).toEqual(PAYLOADS);
    expect(pace.blocks).toBeLessThanOrEqual(6);
  });

  test("ends with a typed error when even one block is too much", async () => {
    provider.lie = {
      refuse: (call) => (call.method === "eth_getLogs" ? tooFar : undefined),
    };
    expect(await faultOf(readAll(createReadingPace()))).toBe("limit");
  });
});

describe("a provider that leaves inputs out", () => {
  test.each([
    ["the last one", (logs: unknown[]) => logs.slice(0, -1)],
    ["the first one", (logs: unknown[]) => logs.slice(1)],
    ["one in the middle", (logs: unknown[]) => logs.filter((_, i) => i !== 7)],
    ["all", () => []],
  ])("is not believed: %s", async (_, change) => {
    provider.lie = falsifyInputs(change);
    expect(await faultOf(readAll(createReadingPace()))).toBe("logs_missing");
  });

  test("is not believed behind the head either, where the count is known", async () => {
    provider.lie = falsifyInputs((logs) => logs.slice(0, -1));
    const reading = readAll(createReadingPace({ blocks: 16, blocksMax: 16 }));
    expect(await faultOf(reading)).toBe("logs_missing");
  });

  test("is found out later where it has pruned the states in between", async () => {
    let dropped = false;
    provider.lie = {
      refuse: ({ method, params }) =>
        method === "eth_call" && params[1] !== toHex(head.number)
          ? { error: { code: -32_000, message: "missing trie node" } }
          : undefined,
      falsify: (call, result) => {
        if (!isInputLogs(call) || dropped || (result as unknown[]).length === 0) return result;
        dropped = true;
        return (result as unknown[]).slice(0, -1);
      },
    };
    const pace = createReadingPace({ blocks: 3, blocksMax: 3 });
    expect(await faultOf(readAll(pace))).toBe("earlier_logs_missing");
    expect(listPayloads(await readAll(pace))).toEqual(PAYLOADS);
  });
});

test("a server that lags says nothing of what is recorded", async () => {
  const [first] = await readAll(createReadingPace({ blocks: 3, blocksMax: 3 }));
  const { head: from, inputs } = first!;
  let isLagging = false;
  provider.lie = {
    refuse({ method, params }) {
      if (method === "eth_call" && params[1] === toHex(from.number)) {
        isLagging = true;
        return { error: { code: -32_000, message: "header not found" } };
      }
      return isLagging && method === "eth_getBlockByNumber" ? { result: null } : undefined;
    },
    ...falsifyInputs(() => []),
  };
  const position = { from, inputCount: inputs.length };
  expect(await faultOf(read(createReadingPace(), position))).toBe("logs_missing");
  expect(isLagging).toBe(true);
});

describe("a provider that lies otherwise", () => {
  const change = (part: object) => (logs: Record<string, unknown>[]) =>
    logs.map((log, i) => (i === 3 ? { ...log, ...part } : log));
  const someHash = `0x${"0a".repeat(32)}`;

  test.each<[string, ChainReadFault, (logs: Record<string, unknown>[]) => unknown]>([
    ["no list", "malformed", () => ({ logs: [] })],
    ["no objects", "malformed", () => [7]],
    ["nothing in a log", "malformed", () => [{}]],
    ["another contract's log", "malformed", change({ address: someHash.slice(0, 42) })],
    ["another event", "malformed", change({ topics: [someHash] })],
    ["a block before the range", "malformed", change({ blockNumber: "0x0" })],
    ["a block behind the range", "malformed", change({ blockNumber: "0xffffff" })],
    ["a number that is none", "malformed", change({ blockNumber: "twelve" })],
    ["a hash that is none", "malformed", change({ blockHash: "0x1234" })],
    [
      "cut data",
      "malformed",
      (logs) => logs.map((log) => ({ ...log, data: String(log.data).slice(0, 200) })),
    ],
    [
      "data that is no hexadecimal",
      "malformed",
      (logs) =>
        logs.map((log) => ({ ...log, data: String(log.data).replace("415bf363", "zz5bf363") })),
    ],
    [
      "an altered head",
      "malformed",
      (logs) =>
        logs.map((log) => ({ ...log, data: String(log.data).replace("415bf363", "415bf364") })),
    ],
    [
      "an endless length",
      "malformed",
      (logs) => logs.map((log) => ({ ...log, data: `0x${"0".repeat(62)}20${"f".repeat(64)}` })),
    ],
    ["a removed log", "chain_moved", change({ removed: true })],
    ["two hashes for one block", "chain_moved", change({ blockHash: someHash })],
    ["an input twice", "chain_moved", (logs) => [...logs, logs[0]]],
    [
      "another chain's blocks",
      "chain_moved",
      (logs) => logs.map((log) => ({ ...log, blockHash: someHash })),
    ],
  ])("is not believed: %s", async (_, fault, falsify) => {
    provider.lie = falsifyInputs((logs) => (logs.length > 3 ? falsify(logs) : logs));
    // From a block on, so that there is something before the range.
    const from = await readBlockReference(5);
    expect(await faultOf(read(createReadingPace(), { from }))).toBe(fault);
    provider.lie = {};
    expect(listPayloads(await readAll(createReadingPace()))).toEqual(PAYLOADS);
  });

  test("may give the logs in any order", async () => {
    provider.lie = falsifyInputs((logs) => [...logs].reverse());
    expect(listPayloads(await readAll(createReadingPace()))).toEqual(PAYLOADS);
  });

  test.each<[string, LyingProvider["lie"]]>([
    ["HTTP 429", { http: () => ({ status: 429, body: "slow down" }) }],
    ["HTTP 503", { http: () => ({ status: 503, body: "" }) }],
    ["a web page", { http: () => ({ status: 200, body: "<html>hello</html>" }) }],
    ["half an answer", { http: () => ({ status: 200, body: '{"jsonrpc":"2.0","id":1,"res' }) }],
    ["an empty answer", { http: () => ({ status: 200, body: "" }) }],
    ["no answer", { silent: () => true }],
  ])("costs time, not inputs: %s", async (_, lie) => {
    const pace = createReadingPace({ blocks: 4 });
    for (const batch of [false, true]) {
      provider.lie = lie;
      expect(await faultOf(readAll(pace, batch))).toMatch(/provider|limit|malformed/);
    }
    provider.lie = {};
    expect(listPayloads(await readAll(pace))).toEqual(PAYLOADS);
  });

  async function readBlockReference(number: number): Promise<BlockReference> {
    const block = await fetch(chain.anvil.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "eth_getBlockByNumber",
        params: [toHex(number), false],
      }),
    });
    const { result } = (await block.json()) as { result: { hash: Hex } };
    return { number, hash: result.hash };
  }
});
