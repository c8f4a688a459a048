/** The on-chain verifier, compiled here and run on a real chain, against its TypeScript twin. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import {
  type Abi,
  bytesToHex,
  createPublicClient,
  createWalletClient,
  hexToBytes,
  http,
  type PublicClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAnvil } from "../../node-client/node/anvil/anvil-binary.ts";
import { computeCommitment } from "../../spec/batch.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  computeReadingProof,
  type ReadingProof,
  verifyReadingProof,
} from "../../spec/reading-proof.ts";
import type { MetricKind } from "../../spec/readings.ts";
import { arbitraryCommittedBatch, tamper } from "../arbitraries/reading-proofs.ts";
import { runs, seed } from "../seed.ts";
import { readVectors, type Vector } from "../vectors/read-vectors.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

const require = createRequire(import.meta.url);
/** Anvil's first development account: public knowledge, worthless anywhere else. */
const DEPLOYER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const CONTRACT = "ReadingVerifier";

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: {
    readonly [file: string]: {
      readonly [name: string]: {
        readonly abi: Abi;
        readonly evm: { bytecode: { object: string } };
      };
    };
  };
}

function compile() {
  const solc = require("solc") as { compile(input: string): string };
  const path = fileURLToPath(new URL(`../../spec/${CONTRACT}.sol`, import.meta.url));
  const input = {
    language: "Solidity",
    sources: { [CONTRACT]: { content: readFileSync(path, "utf8") } },
    settings: {
      optimizer: { enabled: true },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  // Warnings count as well: others will compile this file within their own projects.
  expect(output.errors?.map((error) => error.formattedMessage) ?? []).toEqual([]);
  const { abi, evm } = output.contracts[CONTRACT]![CONTRACT]!;
  return { abi, bytecode: `0x${evm.bytecode.object}` as const };
}

describe("ReadingVerifier on chain", () => {
  let chain: ChildProcess;
  let client: PublicClient;
  let contract: { readonly address: `0x${string}`; readonly abi: Abi };

  beforeAll(async () => {
    const { abi, bytecode } = compile();
    const port = await takeTestPort();
    const anvil = findAnvil(process.env.TALLYROLL_ANVIL, process.env);
    chain = spawn(anvil, ["--silent", "--port", String(port)], { stdio: "ignore" });
    const transport = http(`http://127.0.0.1:${port}`, { retryCount: 40, retryDelay: 50 });
    const account = privateKeyToAccount(DEPLOYER_KEY);
    const wallet = createWalletClient({ account, chain: foundry, transport });
    client = createPublicClient({ chain: foundry, transport, pollingInterval: 20 });
    const hash = await wallet.deployContract({ abi, bytecode });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    contract = { abi, address: contractAddress! };
  });

  afterAll(async () => {
    const isGone = new Promise((resolve) => chain.once("exit", resolve));
    chain.kill("SIGTERM");
    await isGone;
  });

  /** The contract's verdict; a revert would reject. */
  function verifyOnChain(commitment: Uint8Array, proof: ReadingProof): Promise<unknown> {
    return client.readContract({
      ...contract,
      functionName: "verifyReading",
      args: [
        bytesToHex(commitment),
        BigInt(proof.groupIndex),
        BigInt(proof.groupCount),
        bytesToHex(proof.keyHash),
        proof.groupPath.map((hash) => bytesToHex(hash)),
        bytesToHex(proof.leaf),
        BigInt(proof.readingIndex),
        BigInt(proof.readingCount),
        proof.readingPath.map((hash) => bytesToHex(hash)),
      ],
    });
  }

  test("accepts every proof, refuses every tampering, and agrees with TypeScript", async () => {
    const property = fc.asyncProperty(arbitraryCommittedBatch(140), async (batch) => {
      const { groups, groupLeaves, groupIndex, readingIndex } = batch;
      const commitment = computeCommitment(nobleCrypto, groups);
      const leaves = groupLeaves[groupIndex]!;
      const proof = computeReadingProof(nobleCrypto, groups, groupIndex, leaves, readingIndex);
      expect(await verifyOnChain(commitment, proof)).toBe(true);
      const verdicts = tamper(commitment, proof).map(async (bad) => {
        expect([bad.what, await verifyOnChain(bad.commitment, bad.proof)]).toEqual([
          bad.what,
          false,
        ]);
      });
      await Promise.all(verdicts);
    });
    await fc.assert(property, { seed: seed("reading-verifier"), numRuns: runs(200) });
  });

  test("gives TypeScript's verdict for every index and count of a small batch", async () => {
    const [batch] = fc.sample(arbitraryCommittedBatch(1), { seed: 1, numRuns: 1 });
    const { groups, groupLeaves, groupIndex } = batch!;
    const commitment = computeCommitment(nobleCrypto, groups);
    const leaves = groupLeaves[groupIndex]!;
    const proof = computeReadingProof(nobleCrypto, groups, groupIndex, leaves, 0);
    const claims: ReadingProof[] = [];
    for (let groupCount = 0; groupCount <= 9; groupCount++) {
      for (let index = 0; index <= 9; index++) {
        claims.push({ ...proof, groupIndex: index, groupCount });
      }
    }
    const verdicts = await Promise.all(claims.map((claim) => verifyOnChain(commitment, claim)));
    expect(verdicts).toEqual(
      claims.map((claim) => verifyReadingProof(nobleCrypto, commitment, claim)),
    );
    expect(verdicts).toContain(true);
  });

  interface LeafVector extends Vector {
    readonly kinds: readonly MetricKind[];
    readonly timeSec?: number;
    readonly values?: readonly (number | string | null)[];
    readonly leaf: `0x${string}`;
  }
  const vectors = readVectors<LeafVector>("leaves");

  const decodeOnChain = (kind: MetricKind, leaf: `0x${string}`, index: number) =>
    client.readContract({
      ...contract,
      functionName: kind === "text" ? "decodeTextField" : "decodeIntegerField",
      args: [leaf, BigInt(index)],
    });

  test.each(vectors.filter((vector) => vector.values))(
    "reads the fields of $id",
    async (vector) => {
      const { kinds, timeSec, values, leaf } = vector;
      const fields = [timeSec!, ...values!];
      for (const [i, kind] of (["integer", ...kinds] as const).entries()) {
        const value = fields[i]!;
        const empty = kind === "text" ? "" : 0n;
        const expected = typeof value === "number" ? BigInt(value) : (value ?? empty);
        expect(await decodeOnChain(kind, leaf, i)).toEqual([value === null, expected]);
      }
      await expect(decodeOnChain("text", leaf, fields.length)).rejects.toThrow("LeafMalformed");
    },
  );

  // What follows the field and whether a text is UTF-8 is not the contract's business.
  const ignored = ["bytes_behind", "text_not_utf8", "time_null"].map(
    (id) => `leaves/malformed_${id}`,
  );
  const broken = vectors.filter((vector) => !vector.values && !ignored.includes(vector.id));
  test.each(broken)("reverts on $id: $comment", async ({ kinds, leaf }) => {
    const last = kinds.length;
    const kind = kinds[last - 1] ?? "integer";
    await expect(decodeOnChain(kind, leaf, last)).rejects.toThrow("LeafMalformed");
  });

  test("reads no field beyond any leaf", async () => {
    const leaf = bytesToHex(hexToBytes(vectors.find((vector) => vector.values)!.leaf));
    for (const index of [1_000n, 2n ** 256n - 1n]) {
      const args = [leaf, index];
      const call = { ...contract, functionName: "decodeIntegerField", args };
      await expect(client.readContract(call)).rejects.toThrow("LeafMalformed");
    }
  });
});
