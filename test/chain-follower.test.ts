import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BlockReference } from "../node-client/chain/chain-input.ts";
import { ChainReadError } from "../node-client/chain/chain-read-error.ts";
import { ChainFollower, type ChainSource } from "../node-client/node/run/chain-follower.ts";
import { openNodeStore } from "../node-client/node/store/open-node-store.ts";
import type { NodeStore } from "../node-client/node/store/sqlite-node-store.ts";
import { hexOf } from "./arbitraries/node-store-model.ts";
import { IDENTITY } from "./arbitraries/node-store-steps.ts";

/** Servers behind one URL of which some lag. A stand-in for the chain: no real one lags at will. */
let folder: string;
let store: NodeStore;
/** What is asked for answers, one after the other; the last one stays. */
let heads: number[];
let known: number;

const block = (number: number): BlockReference => ({ number, hash: hexOf(number) });
const chain: ChainSource = {
  getHead: async () => block(heads.length > 1 ? heads.shift()! : heads[0]!),
  isCanonical: async ({ number, hash }) => {
    if (number > known) throw new ChainReadError("chain_moved", `no block ${number}`);
    return hash === block(number).hash;
  },
  readSegment: async (_, __, head) => ({ head, inputs: [], claims: [], executions: [] }),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-follower-"));
  store = openNodeStore(join(folder, "node.sqlite"), IDENTITY);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const never = async () => {
  throw new Error("nothing was to be taken back");
};

test("a head that lags and moves takes nothing back, however often it is seen", async () => {
  [heads, known] = [[1_000], 1_000];
  const follower = new ChainFollower(store, chain);
  expect(await follower.step(never)).toBe("advanced");
  heads = Array.from({ length: 100 }, (_, i) => 900 + i);
  for (let i = 0; i < 100; i++) expect(await follower.step(never)).toBe("unchanged");
  heads = [1_001];
  known = 1_001;
  expect(await follower.step(never)).toBe("advanced");
});

test("a server that does not know the last block yet is asked again", async () => {
  [heads, known] = [[1_000], 1_000];
  const follower = new ChainFollower(store, chain);
  await follower.step(never);
  [heads, known] = [[1_002], 999];
  await expect(follower.step(never)).rejects.toThrow("no block 1000");
  known = 1_002;
  expect(await follower.step(never)).toBe("advanced");
  expect(store.getHead()).toEqual(block(1_002));
});

test("a head that stays below is a shorter chain in the end", async () => {
  const follower = new ChainFollower(store, chain);
  [heads, known] = [[990], 1_000];
  await follower.step(never);
  heads = [1_000];
  await follower.step(never);
  [heads, known] = [[990], 990];
  const steps: string[] = [];
  for (let i = 0; i < 20; i++) steps.push(await follower.step(async () => {}));
  expect(steps.indexOf("reorganized")).toBe(19);
  expect(store.getHead()).toEqual(block(990));
});
