/** Single readings of the sample files, proved against what the machine's notices say. */
import { bytesToHex, hexToBytes } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReadings } from "../../node-client/files/read-readings.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { decodeLeaf } from "../../spec/leaves.ts";
import { type ReadingProof, verifyReadingProof } from "../../spec/reading-proof.ts";
import type { MetricKind } from "../../spec/readings.ts";
import { tamper } from "../arbitraries/reading-proofs.ts";
import type { Person } from "../arbitraries/world.ts";
import {
  type ExpectedFile,
  type ExpectedReading,
  firstRows,
  readCells,
  readDecimal,
  SCALE,
} from "./fixtures/csv-cells.ts";
import { DataRun, type Fields } from "./fixtures/data-run.ts";
import { pickReading } from "./fixtures/picked-reading.ts";
import { readSampleFile, SAMPLE_NAMES } from "./fixtures/sample-file.ts";
import { proveSealedReading } from "./fixtures/sealed-proof.ts";
import { queryGrants, queryView } from "./fixtures/sealed-view.ts";
import { startVerifierChain, type VerifierChain } from "./fixtures/verifier-chain.ts";

const ROWS = 1_000;
const BATCH_READINGS = 128;
/** The key group whose proof is spoilt in every way: that takes a contract call each. */
const SPOILT_GROUP = 3;

let chain: VerifierChain;
let run: DataRun;
let buyer: Person;
beforeAll(async () => {
  [chain, run] = await Promise.all([startVerifierChain(), DataRun.start("proofs")]);
  buyer = run.world.person("buyer");
});
afterAll(() => Promise.all([chain?.stop(), run?.close()]));

/** What the machine said of the batch with this reading when it took it in. */
function findCommitment(streamId: number, sequence: number): Uint8Array {
  const accepted = run.notices("SubmissionAccepted").filter((args) => {
    const [, stream, , first, count] = args as readonly bigint[];
    const index = BigInt(sequence) - first!;
    return stream === BigInt(streamId) && 0n <= index && index < count!;
  });
  expect(accepted).toHaveLength(1);
  return hexToBytes(accepted[0]!.at(-1) as `0x${string}`);
}

/** The text of the file that a leaf holds as an integer or as it is. */
const storedValue = (kind: MetricKind, cell: string | null): number | string | null =>
  cell === null || kind === "text" ? cell : Number(readDecimal(cell));

/** The proof is true for TypeScript and on chain. */
async function expectProven(commitment: Uint8Array, proof: ReadingProof): Promise<void> {
  expect(verifyReadingProof(nobleCrypto, commitment, proof)).toBe(true);
  expect(await chain.verify(commitment, proof)).toBe(true);
}

/** However the proof is spoilt, it is false for both. */
async function expectNothingElseProven(commitment: Uint8Array, proof: ReadingProof): Promise<void> {
  const spoilt = tamper(commitment, proof);
  expect(spoilt.length).toBeGreaterThan(20);
  await Promise.all(
    spoilt.map(async (bad) => {
      const inTypeScript = verifyReadingProof(nobleCrypto, bad.commitment, bad.proof);
      const onChain = await chain.verify(bad.commitment, bad.proof);
      expect([bad.what, inTypeScript, onChain]).toEqual([bad.what, false, false]);
    }),
  );
}

/** The leaf holds this row of the file, for TypeScript and for the contract. */
async function expectFields(
  leaf: Uint8Array,
  kinds: readonly MetricKind[],
  time: number,
  cells: readonly (string | null)[],
): Promise<void> {
  const values = kinds.map((kind, m) => storedValue(kind, cells[m]!));
  expect(decodeLeaf(leaf, kinds)).toMatchObject({ timeSec: time, values });
  for (const [i, value] of [time, ...values].entries()) {
    const kind = i === 0 ? "integer" : kinds[i - 1]!;
    const present = typeof value === "number" ? BigInt(value) : value;
    const expected = [value === null, present ?? (kind === "text" ? "" : 0n)];
    expect([i, await chain.decodeField(kind, leaf, i)]).toEqual([i, expected]);
  }
}

describe.each(SAMPLE_NAMES)("one reading of %s.csv", (name) => {
  let file: ExpectedFile;
  let kinds: MetricKind[];
  let openStreamId: number;
  let sealedStreamId: number;
  let sequence: number;
  let row: ExpectedReading;

  beforeAll(async () => {
    const text = firstRows(readSampleFile(name), ROWS);
    file = readCells(text);
    kinds = file.metrics.map(({ isText }) => (isText ? "text" : "integer"));
    const picked = pickReading(name, file);
    const { device } = picked;
    ({ sequence, row } = picked);

    const all = readReadings(text, { file: name, scaleDefault: SCALE });
    const keyGroups = file.metrics.map((_, m) => m);
    const open = await run.load(all, { batchSize: BATCH_READINGS });
    const options = { batchSize: BATCH_READINGS, keyGroups, buyers: [buyer] };
    const sealed = await run.load(all, options);
    openStreamId = open.devices[device]!.streamId;
    sealedStreamId = sealed.devices[device]!.streamId;
  });

  test("of an open stream is proved by the machine, with all its cells", async () => {
    const query = { query: "proof", stream_id: openStreamId, sequence };
    const answer = await run.query(query);
    const commitment = findCommitment(openStreamId, sequence);
    expect(answer.commitment).toBe(bytesToHex(commitment));
    const proof = fromProofAnswer(answer);
    await expectProven(commitment, proof);
    await expectNothingElseProven(commitment, proof);
    await expectFields(proof.leaf, kinds, row.time, row.values);
  });

  test("of a sealed stream is proved by its buyer, one metric without the others", async () => {
    const { crypto } = run.world;
    const view = await queryView(run, sealedStreamId, await queryGrants(run, buyer));
    const { stream, batches, grants } = view;
    const account = { account: buyer.address, secret: buyer.encryptionSecret };
    const grant = grants.find(({ streamId }) => streamId === sealedStreamId)!;
    const batch = batches.find(
      ({ firstSequence: first, readingCount }) =>
        first <= sequence && sequence < first + readingCount,
    )!;
    const commitment = findCommitment(sealedStreamId, sequence);

    const bought = { stream, buyer: account, grant, batch };
    const proofs = proveSealedReading(crypto, bought, sequence);
    for (const [group, proof] of proofs) {
      await expectProven(commitment, proof);
      if (group === SPOILT_GROUP) await expectNothingElseProven(commitment, proof);
      await expectFields(proof.leaf, [kinds[group]!], row.time, [row.values[group]!]);
    }
    expect(proofs.size).toBe(file.metrics.length);
  });
});

/** The answer to `proof` in its native shape. */
function fromProofAnswer(answer: Fields): ReadingProof {
  const bytes = (value: unknown): Uint8Array => hexToBytes(value as `0x${string}`);
  return {
    groupIndex: answer.group_index as number,
    groupCount: answer.group_count as number,
    keyHash: bytes(answer.key_hash),
    groupPath: (answer.group_path as unknown[]).map(bytes),
    leaf: bytes(answer.leaf),
    readingIndex: answer.reading_index as number,
    readingCount: answer.reading_count as number,
    readingPath: (answer.reading_path as unknown[]).map(bytes),
  };
}
