/** The state before the first input, and what an application is deployed with (spec §6.7, §6.8). */

import { writeFileSync } from "node:fs";
import { bytesToHex, concat, type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { requireMachine } from "../../dapp/engine/begin-state.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { computeGenesisRoot, computeTemplateHash } from "../../spec/genesis.ts";
import { Model } from "../../spec/model.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface GenesisVector extends Vector {
  readonly machine_secret: Hex;
  readonly machine_key: Hex;
  readonly genesis_root: Hex;
  readonly program: Hex;
  readonly template_hash: Hex;
}

const nodeCrypto = await createNodeCrypto();
// A change of the tables changes every root: TALLYROLL_WRITE_VECTORS=1 writes them anew.
if (process.env.TALLYROLL_WRITE_VECTORS === "1") {
  for (const vector of readVectors<GenesisVector>("genesis")) {
    const key = nobleCrypto.x25519PublicKey(hexToBytes(vector.machine_secret));
    const root = new Model(nobleCrypto, hexToBytes(vector.machine_secret)).state.scanRoot();
    const hash = nobleCrypto.sha256(concat([hexToBytes(vector.program), root]));
    const path = new URL(`../../spec/vectors/${vector.id}.json`, import.meta.url);
    const written = {
      ...vector,
      ...{ machine_key: bytesToHex(key), genesis_root: bytesToHex(root) },
      template_hash: bytesToHex(hash),
    };
    writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
  }
}
const VECTORS = readVectors<GenesisVector>("genesis");
const IMPLEMENTATIONS: readonly [string, Crypto][] = [
  ["node", nodeCrypto],
  ["noble", nobleCrypto],
];

describe.each(IMPLEMENTATIONS)("%s", (_, crypto) => {
  test.each(VECTORS)("$id: $comment", async (vector) => {
    const secret = hexToBytes(vector.machine_secret);
    const key = crypto.x25519PublicKey(secret);
    expect(bytesToHex(key)).toBe(vector.machine_key);
    const root = computeGenesisRoot(crypto, key);
    expect(bytesToHex(root)).toBe(vector.genesis_root);
    const hash = computeTemplateHash(crypto, hexToBytes(vector.program), root);
    expect(bytesToHex(hash)).toBe(vector.template_hash);

    const store = await openStore(crypto);
    createApplication(store, crypto, secret);
    expect([store.getRoot(), store.rescanRoot()]).toEqual([root, root]);
    store.close();
    const { state } = new Model(crypto, secret);
    expect([state.root(), state.scanRoot()]).toEqual([root, root]);
  });
});

describe("a state that has begun", () => {
  const [mine, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const keyOf = (secret: Uint8Array) => nodeCrypto.x25519PublicKey(secret);

  test("goes on under its key; another is refused, with both keys and what to do", async () => {
    const store = await openStore(nodeCrypto);
    createApplication(store, nodeCrypto, mine);
    const root = store.getRoot();
    createApplication(store, nodeCrypto, mine);
    const keys = new RegExp(`${bytesToHex(keyOf(mine))}.* ${bytesToHex(keyOf(other))}: use its`);
    expect(() => createApplication(store, nodeCrypto, other)).toThrow(keys);
    expect(store.getRoot()).toEqual(root);
    store.close();
  });

  test("and was put back is told from another machine's, and from one without a key", async () => {
    const [store, foreign] = [await openStore(nodeCrypto), await openStore(nodeCrypto)];
    createApplication(store, nodeCrypto, mine);
    createApplication(foreign, nodeCrypto, other);
    store.restore(foreign.snapshot());
    expect(() => requireMachine(store, keyOf(mine))).toThrow("use its key, or replay");
    expect(() => requireMachine(store, keyOf(other))).not.toThrow();
    store.reset();
    expect(() => requireMachine(store, keyOf(mine))).toThrow("names no machine key: replay");
    // A state that is empty again begins again.
    createApplication(store, nodeCrypto, mine);
    expect(store.getRoot()).toEqual(computeGenesisRoot(nodeCrypto, keyOf(mine)));
    store.close();
    foreign.close();
  });
});
