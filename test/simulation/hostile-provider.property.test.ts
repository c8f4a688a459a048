import { BaseError, createClient } from "viem";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { ChainReader } from "../../node-client/chain/chain-client.ts";
import type { BlockReference } from "../../node-client/chain/chain-input.ts";
import { ChainReadError } from "../../node-client/chain/chain-read-error.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import { CONTRACTS } from "../../node-client/chain/contracts.ts";
import { parseHash, parseLogs, parseQuantity } from "../../node-client/chain/parse-logs.ts";
import { parseAnswer } from "../../node-client/chain/rpc-answer.ts";
import {
  createRpcTransport,
  type RpcTransportOptions,
} from "../../node-client/chain/rpc-transport.ts";
import { ClientError } from "../../node-client/errors.ts";
import { createRpcChainSource } from "../../node-client/node/run/chain-follower.ts";
import { atBlock } from "../../node-client/replay/at-block.ts";
import { type ChainReplay, replayChain } from "../../node-client/replay/replay-chain.ts";
import type { Application } from "../../spec/application.ts";
import type { AdvanceResult, Hex } from "../../spec/outputs.ts";
import { MutatedProvider, RecordedAnswers } from "../arbitraries/hostile-provider.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { ReplayedChain } from "../integration/fixtures/replayed-chain.ts";
import { MACHINE_SECRET } from "../integration/fixtures/run-cli.ts";
import { runs, seed } from "../seed.ts";

/**
 * A provider's answers, changed in every way, under the code that replays and follows a chain. The
 * chain is a real one, recorded once; the provider is a stand-in in this process, and so is the
 * clock: a pause is over at once.
 */
vi.mock("node:timers/promises", () => ({
  setTimeout: () => new Promise((resolve) => setImmediate(resolve)),
}));

/** Cases under way at once: they wait for the event loop, not for each other. */
const AT_ONCE = 64;
const ETHER = 10n ** 18n;
const SECRET = Uint8Array.from(Buffer.from(MACHINE_SECRET, "hex"));
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const crypto = await createNodeCrypto();

/** Of the application, by its honest answer: it proves the machine's key. */
let templateHash: Hex | undefined;

interface Honest {
  readonly app: Hex;
  readonly block: BlockReference;
  readonly replay: ChainReplay;
}

let chain: ReplayedChain;
let honest: Honest;
const recorded = new RecordedAnswers();
/** What the real engine made of each payload. */
const results = new Map<string, AdvanceResult>();

beforeAll(async () => {
  chain = await ReplayedChain.start();
  await chain.send(...chain.encodeDevices());
  await chain.claim();
  await chain.depositEther(ETHER);
  const recipient = Uint8Array.from(Buffer.from(chain.client.account.address.slice(2), "hex"));
  const token = new Uint8Array(20);
  await chain.sendOperation({ kind: "withdraw", token, recipient, amount: ETHER });
  await chain.claim();
  const { outputs } = await chain.follow();
  const index = outputs.findIndex((output) => output[0] === 0x23);
  await chain.execute(outputs, index);
  const fetchFn = recorded.recorder(chain.chain.anvil.rpcUrl);
  const client = connect({ fetchFn });
  templateHash = (await checkApplication(client, chain.app)).templateHash;
  // With a false engine first, for the questions that are asked before a verdict against somebody.
  await replay(client, chain.app, known);
  const store = await openStore(crypto);
  const engine = createApplication(store, crypto, SECRET);
  const keeping: Application = {
    ...engine,
    advance(at, payload) {
      const result = engine.advance(at, payload);
      results.set(keyOf(payload), result);
      return result;
    },
  };
  honest = { app: chain.app, ...(await replay(client, chain.app, keeping)) };
  store.close();
  await follow(client, chain.app);
});
afterAll(async () => await chain?.stop());

const NOTHING: AdvanceResult = { status: "rejected", outputs: [], reports: [] };
const keyOf = (payload: Uint8Array): string => Buffer.from(payload).toString("base64");

const connect = (options: RpcTransportOptions): ChainReader =>
  createClient({ transport: createRpcTransport("http://provider.example", options) });

/** A stand-in for the engine, which costs too much for each case: it knows the honest inputs. */
const known: Application = {
  inspect: () => [],
  advance: (_, payload) => results.get(keyOf(payload)) ?? NOTHING,
};

/** A replay whose state is the inputs that were applied. */
function replay(client: ChainReader, app: Hex, application: Application) {
  return atBlock(
    client,
    undefined,
    () => {},
    async (block) => {
      let root = new Uint8Array(32);
      const advance: Application["advance"] = (at, payload) => {
        root = Uint8Array.from(crypto.keccak256(Buffer.concat([root, payload])));
        return application.advance(at, payload);
      };
      const local = {
        ...{ crypto, application: { ...application, advance }, ahead: undefined },
        store: { getRoot: () => root, rescanRoot: () => root } as never,
        templateHash,
      };
      const contracts = await checkApplication(client, app);
      return { block, replay: await replayChain(local, { client, contracts, block }, () => {}) };
    },
  );
}

/** What a node would record. */
async function follow(client: ChainReader, app: Hex) {
  const facts = await checkApplication(client, app);
  const source = createRpcChainSource(client, { ...facts, chainId: 31_337, machineKey: "0x" });
  const head = await source.getHead();
  return await source.readSegment(undefined, 0, head);
}

/** What is wrong with the outcome of one case; `undefined` where nothing is. */
async function findFault(rng: SeededRng): Promise<string | undefined> {
  const provider = new MutatedProvider(recorded, rng);
  const client = connect(provider);
  try {
    if (rng.chance(4)) {
      const { inputs } = await follow(client, honest.app);
      const isWhole = inputs.every(({ index }, i) => index === i);
      return isWhole ? undefined : `inputs are not contiguous under ${provider.words}`;
    }
    const { block, replay: found } = await replay(client, honest.app, known);
    const { divergence, root, verdict } = found;
    // The template hash was altered and no claim was left to prove the key: exit code 2.
    if (verdict === "unclear") return undefined;
    // An input whose log and whose hash differ, asked for twice, is called wrong: README.
    if (divergence !== undefined) {
      if (divergence.subject === "inputHash") return undefined;
      return `exit code 1 for ${JSON.stringify(divergence)} under ${provider.words}`;
    }
    // As of another block of the chain, a provider lags; it cannot be known better.
    if (root === honest.replay.root || block.hash !== honest.block.hash) return undefined;
    return `verified with another root under ${provider.words}`;
  } catch (error) {
    if (!(error instanceof ClientError))
      return `${String((error as Error).stack)}, ${provider.words}`;
    return OBEYED.test(error.message) ? `raw words: ${JSON.stringify(error.message)}` : undefined;
  }
}

test("the recording is of an honest history", () => {
  expect(honest.replay).toMatchObject({
    inputs: 6,
    claims: [{ holds: true }, { holds: true }],
    executed: [{ holds: true }],
    divergence: undefined,
  });
});

test("no altered answer makes an honest history wrong, or another one right", {
  timeout: 3_600_000,
}, async () => {
  const count = runs(10_000);
  const first = seed("hostile provider");
  const faults: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count && faults.length < 5) {
      const number = next++;
      const fault = await findFault(new SeededRng(first + number));
      if (fault !== undefined) faults.push(`case ${number}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
});

test("every altered answer comes through the one door as a value or as the provider's fault", () => {
  const count = runs(100_000);
  const first = seed("hostile answers");
  const { app, consensus } = chain;
  const contracts = { app, consensus, inputBox: CONTRACTS.inputBox };
  const range = { first: 0, last: honest.block.number };
  for (let number = 0; number < count; number++) {
    const rng = new SeededRng(first + number);
    const { method, answer } = new MutatedProvider(recorded, rng).alterOne();
    try {
      const result = parseAnswer({ id: 7, method }, answer, "http://provider.example");
      if (method === "eth_getLogs") parseLogs([result], contracts, range);
      if (method === "eth_call" && result !== "0x") parseQuantity(parseHash(result));
    } catch (error) {
      const isFault = error instanceof BaseError || error instanceof ChainReadError;
      if (!isFault) throw new Error(`case ${number} of ${method}`, { cause: error });
      const { details = "" } = error as { details?: unknown };
      expect(details).toBeTypeOf("string");
      if (OBEYED.test(String(details))) throw new Error(`raw words in case ${number}: ${details}`);
    }
  }
});
