import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOPICS } from "../../node-client/chain/contracts.ts";
import { decodeEvmAdvance } from "../../node-client/chain/decode-evm-advance.ts";
import { type LyingProvider, startLyingProvider } from "./fixtures/lying-provider.ts";
import { ReplayedChain } from "./fixtures/replayed-chain.ts";
import { Folder, lastJson, runCli } from "./fixtures/run-cli.ts";

/** `export` from a real chain, its files, and histories of thousands of inputs. */

const MANY = 5_000;
/** For the work of thousands of inputs on a computer that is busy with others'. */
const PATIENCE_MS = 600_000;
const folder = new Folder();
let chain: ReplayedChain;
let provider: LyingProvider;
let inputCount: number;

beforeAll(async () => {
  chain = await ReplayedChain.start();
  const payloads = chain.encodeDevices();
  inputCount = payloads.length;
  await chain.send(...payloads);
  provider = await startLyingProvider(chain.chain.anvil.rpcUrl);
});
afterAll(async () => {
  await provider?.close();
  await chain?.stop();
  folder.remove();
});

const exportTo = (name: string, ...words: string[]) =>
  runCli(["export", "--out", folder.file(name), ...chain.words, ...words]);

const listNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `input-${i}.bin`).sort();

/** The root that each way of replaying gives. */
const replayRoot = async (...words: string[]): Promise<unknown> => {
  const { code, out } = await runCli(["replay", ...words, "--json"]);
  expect(code).toBe(0);
  const { root, outputsMerkleRoot, inputs } = lastJson(out);
  return { root, outputsMerkleRoot, inputs };
};

describe("export", () => {
  test("writes the bytes whose hash the InputBox keeps, and nothing else", async () => {
    const { code, out, err } = await exportTo("blobs", "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(lastJson(out)).toEqual({
      inputs: inputCount,
      written: inputCount,
      present: 0,
      format: "bin",
      folder: folder.file("blobs"),
      chainId: 31_337,
      app: chain.app,
      block: await chain.readHead(),
    });
    expect(readdirSync(folder.file("blobs")).sort()).toEqual(listNames(inputCount));
    for (let i = 0; i < inputCount; i += 1) {
      const blob = readFileSync(folder.file(`blobs/input-${i}.bin`));
      expect(keccak256(blob)).toBe(await chain.readInputHash(i));
      expect(decodeEvmAdvance(blob).at.inputIndex).toBe(i);
    }
  });

  test("goes on where it was interrupted, and replaces nothing", async () => {
    const first = await exportTo("resumed");
    expect(first.out).toContain(
      `files   ${inputCount} written: input-0.bin to input-${inputCount - 1}.bin in`,
    );
    rmSync(folder.file("resumed/input-1.bin"));
    const again = await exportTo("resumed", "--json");
    expect(lastJson(again.out)).toMatchObject({ written: 1, present: inputCount - 1 });
    writeFileSync(folder.file("resumed/input-2.bin"), "mine");
    const { code, out, err } = await exportTo("resumed");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/input-2\.bin is there already and holds another input\. Move it away/);
    expect(readFileSync(folder.file("resumed/input-2.bin"), "utf8")).toBe("mine");
    expect(readdirSync(folder.file("resumed")).sort()).toEqual(listNames(inputCount));
  });

  test("writes a history that replays to the same roots, once", async () => {
    const { code, out } = await exportTo("lines", "--format", "jsonl");
    expect(code).toBe(0);
    expect(out).toContain("files   1 written: history.jsonl in");
    expect(readdirSync(folder.file("lines"))).toEqual(["history.jsonl"]);
    const history = folder.file("lines/history.jsonl");
    expect(await replayRoot("--inputs", history)).toEqual(await replayRoot(...chain.words));
    const bytes = digest(history);
    const again = await exportTo("lines", "--format", "jsonl");
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("is not replaced. Give") });
    expect(again.err).toContain("Give another --out, or move it away");
    expect(digest(history)).toBe(bytes);
  });

  test("leaves no half of a history behind when the provider alters an input", async () => {
    provider.lie = {
      falsify: ({ method }, result) =>
        method !== "eth_getLogs"
          ? undefined
          : (result as { topics: string[]; data: string }[]).map((log) =>
              log.topics[0] === TOPICS.inputAdded && Number(log.topics[2]) === 1
                ? { ...log, data: flipPrevRandao(log.data) }
                : log,
            ),
    };
    const words = ["--rpc", provider.url, "--app", chain.app, "--out", folder.file("altered")];
    const { code, err } = await runCli(["export", ...words, "--format", "jsonl"]);
    expect(code).toBe(2);
    expect(err).toMatch(/Input 1 of the provider has the hash .* Ask another RPC provider/);
    expect(readdirSync(folder.file("altered"))).toEqual([]);
  });

  test("takes back what it wrote of blocks that are gone", async () => {
    const own = await chain.another();
    await own.send(new Uint8Array(1), new Uint8Array(2), new Uint8Array(3));
    let reads = 0;
    provider.lie = {
      before: async ({ method, params }) => {
        // The head is read for the second time when all files are written.
        const isSecond =
          method === "eth_getBlockByNumber" && params[0] !== "latest" && ++reads === 2;
        if (!isSecond) return;
        await own.chain.control.request({ method: "anvil_reorg", params: [1, []] } as never);
      },
    };
    const words = ["--rpc", provider.url, "--app", own.app, "--out", folder.file("moved")];
    const { code, out, err } = await runCli(["export", ...words, "--json"]);
    expect([code, err]).toEqual([0, expect.stringContaining("beginning again")]);
    expect(lastJson(out)).toMatchObject({ inputs: 2, written: 2, present: 0 });
    expect(readdirSync(folder.file("moved")).sort()).toEqual(listNames(2));
  });

  test("says where it cannot write", async () => {
    const file = folder.file("file", "");
    const { code, err } = await runCli(["export", ...chain.words, "--out", file]);
    expect([code, err]).toEqual([2, expect.stringContaining("Cannot write into")]);
    const { err: missing } = await runCli(["export", ...chain.words]);
    expect(missing).toContain("required option '--out <folder>' not specified.");
  });
});

describe(`${MANY} inputs`, () => {
  let many: ReplayedChain;
  beforeAll(async () => {
    many = await chain.another();
    const rows = Array.from({ length: 2 * MANY }, (_, i) => {
      return `${i % 2 === 0 ? "north" : "south"},${1_700_000_000 + i},${(i * 7) % 41}.25`;
    });
    const csv = ["device_id,timestamp,temperature", ...rows, ""].join("\n");
    await many.sendMany(many.encodeDevices(csv).slice(0, MANY), 250);
    await many.claim();
  }, PATIENCE_MS);

  test("are read in pages within a provider's limit, each hash asked for once, in few requests", {
    timeout: PATIENCE_MS,
  }, async () => {
    const pages: number[] = [];
    let hashCalls = 0;
    let requests = 0;
    provider.lie = {
      http(calls) {
        requests += 1;
        hashCalls += calls.filter(
          ({ method, params }) => method === "eth_call" && typeof params[1] === "object",
        ).length;
        return undefined;
      },
      refuse: ({ method, params }) => {
        if (method !== "eth_getLogs") return undefined;
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        const blocks = Number(toBlock) - Number(fromBlock) + 1;
        if (blocks > 7)
          return { error: { code: -32_005, message: "query exceeds max block range" } };
        pages.push(blocks);
        return undefined;
      },
    };
    const { code, out } = await runCli([
      "replay",
      "--rpc",
      provider.url,
      "--app",
      many.app,
      "--json",
      "--threads",
      "2",
    ]);
    expect(code).toBe(0);
    expect(lastJson(out)).toMatchObject({ inputs: MANY, claims: [{ holds: true }] });
    expect(pages.length).toBeGreaterThan(5);
    expect(hashCalls).toBe(MANY);
    // The clock would say as much of this computer; a request for each input would say it all.
    expect(requests).toBeLessThan(MANY / 10);
  });

  test("are exported to a history that gives the same roots", {
    timeout: PATIENCE_MS,
  }, async () => {
    mkdirSync(folder.file("many"));
    const words = [...many.words, "--out", folder.file("many")];
    expect((await runCli(["export", ...words])).code).toBe(0);
    expect(readdirSync(folder.file("many")).length).toBe(MANY);
    expect((await runCli(["export", ...words, "--format", "jsonl"])).code).toBe(0);
    expect(await replayRoot("--inputs", folder.file("many/history.jsonl"))).toEqual(
      await replayRoot(...many.words),
    );
  });
});

/** Behind offset, length, selector and five words of the log. */
function flipPrevRandao(data: string): string {
  const at = 2 + 2 * 64 + 8 + 5 * 64;
  return `${data.slice(0, at)}${data[at] === "0" ? "1" : "0"}${data.slice(at + 1)}`;
}

const digest = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex");
