/** One reading proved by a contract, from the epoch's claim down to the integer; and every refusal. */
import { keccak256, parseEventLogs, zeroHash } from "viem";
import { getTransactionReceipt, waitForTransactionReceipt } from "viem/actions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHead } from "../../node-client/chain/ask-chain.ts";
import {
  CLAIMED_READING,
  CLAIMED_READING_ABI,
  type ClaimedReadingProof,
  deployClaimedReading,
  type ProvenOutput,
  proveClaimedReading,
  readClaimedReading,
} from "../../node-client/chain/claimed-reading.ts";
import { ContractReverted } from "../../node-client/chain/contract-errors.ts";
import { deployApplication } from "../../node-client/chain/deploy-contracts.ts";
import { OUTPUT_TREE_HEIGHT } from "../../node-client/chain/output-tree.ts";
import { submitClaim } from "../../node-client/chain/submit-claim.ts";
import { computeCommitment } from "../../spec/batch.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { encodeLeaves } from "../../spec/leaves.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { encodeOutput, type Hex, type Output } from "../../spec/outputs.ts";
import { computeReadingProof, type ReadingProof } from "../../spec/reading-proof.ts";
import {
  EPOCH_LENGTH,
  startTestChain,
  TEMPLATE_HASH,
  type TestChain,
} from "./fixtures/test-chain.ts";

const READINGS = 5;
const FIRST_SEQUENCE = 100n;
const TIMES = Float64Array.from({ length: READINGS }, (_, i) => 1_700_000_000 + 60 * i);
/** Two metrics of one key group: an integer below zero now and then absent, and a text. */
const TEMPERATURES = [-1250, 0, 7, 3001, 42];
const COLUMNS = [
  {
    values: Float64Array.from(TEMPERATURES),
    present: Uint8Array.of(1, 0, 1, 1, 1),
    dictionary: undefined,
  },
  { values: new Float64Array(READINGS), present: undefined, dictionary: ["clear"] },
];

const salts = nobleCrypto.chacha20Keystream(new Uint8Array(32).fill(9), 16 * READINGS);
const leaves = encodeLeaves(salts, TIMES, COLUMNS);
const groups = [1, 2].map((i) => ({
  keyHash: nobleCrypto.sha256(Uint8Array.of(i)),
  root: nobleCrypto.merkleRoot(leaves.leaves, leaves.offsets),
}));
const commitment = computeCommitment(nobleCrypto, groups);
/** Readings whose time is none: a device that seals may commit to anything. */
const timeless = [[0xff], [0x01, 0xff]].map((time) => [...new Uint8Array(16).fill(3), ...time]);
const timelessLeaves = {
  leaves: Uint8Array.from(timeless.flat()),
  offsets: Uint32Array.of(0, 17, 35),
};
const timelessGroups = [
  {
    keyHash: nobleCrypto.sha256(Uint8Array.of(3)),
    root: nobleCrypto.merkleRoot(timelessLeaves.leaves, timelessLeaves.offsets),
  },
];
const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

const noticeOf = (
  batchId: bigint,
  root: Uint8Array,
  { count = READINGS, firstTime = TIMES[0]!, lastTime = TIMES[READINGS - 1]! } = {},
): Output =>
  encodeNotice("SubmissionAccepted", [
    batchId,
    7n,
    2n,
    FIRST_SEQUENCE,
    BigInt(count),
    BigInt(firstTime),
    BigInt(lastTime),
    false,
    zeroHash,
    zeroHash,
    toHex(root),
  ]);

/** What the application "said", in order; the tree below is the slow and obvious one. */
const OUTPUTS = [
  encodeNotice("DeviceRevoked", [3n]),
  noticeOf(11n, commitment),
  noticeOf(12n, nobleCrypto.sha256(commitment)),
  noticeOf(13n, commitment, { count: READINGS + 1 }),
  { kind: "notice", payload: "0x" } as const,
  noticeOf(14n, commitment, { firstTime: TIMES[1]!, lastTime: TIMES[3]! }),
  noticeOf(15n, computeCommitment(nobleCrypto, timelessGroups), { count: 2 }),
].map(encodeOutput);

function hashPair(left: Hex, right: Hex): Hex {
  return keccak256(`${left}${right.slice(2)}`);
}

function prove(index: number): { readonly root: Hex; readonly siblings: Hex[] } {
  let level = OUTPUTS.map((output) => keccak256(output));
  let empty: Hex = zeroHash;
  let at = index;
  const siblings: Hex[] = [];
  for (let height = 0; height < OUTPUT_TREE_HEIGHT; height++) {
    siblings.push(level[at ^ 1] ?? empty);
    const above: Hex[] = [];
    for (let i = 0; i < level.length; i += 2)
      above.push(hashPair(level[i]!, level[i + 1] ?? empty));
    level = above;
    empty = hashPair(empty, empty);
    at >>= 1;
  }
  return { root: level[0]!, siblings };
}

const provenOutput = (outputIndex: number): ProvenOutput => ({
  output: OUTPUTS[outputIndex]!,
  outputIndex,
  siblings: prove(outputIndex).siblings,
});

const proofOf = (readingIndex: number): ReadingProof =>
  computeReadingProof(nobleCrypto, groups, 1, leaves, readingIndex);

let chain: TestChain;
let claimed: (readingIndex: number, change?: Partial<ClaimedReadingProof>) => ClaimedReadingProof;

beforeAll(async () => {
  chain = await startTestChain();
  expect(await deployClaimedReading(chain.client)).toBe(CLAIMED_READING);
  claimed = (readingIndex, change = {}) => ({
    app: chain.contracts.app,
    notice: provenOutput(1),
    proof: proofOf(readingIndex),
    metrics: [0],
    ...change,
  });
});

afterAll(() => chain.stop());

async function refusalOf(proof: ClaimedReadingProof): Promise<string | undefined> {
  const error = await readClaimedReading(chain.client, proof).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return "believed";
  if (!(error instanceof ContractReverted)) throw error;
  return error.errorName;
}

test("is not believed before the epoch's claim is accepted", async () => {
  expect(await refusalOf(claimed(0))).toBe("InvalidOutputsMerkleRoot");
});

describe("after the claim", () => {
  beforeAll(async () => {
    const { client, control, contracts } = chain;
    await control.mine({ blocks: EPOCH_LENGTH });
    const { number } = await readHead(client);
    const outcome = await submitClaim(client, {
      ...contracts,
      lastProcessedBlockNumber: number - (number % EPOCH_LENGTH) - 1,
      outputsMerkleRoot: prove(0).root,
    });
    if (outcome.kind !== "sent") throw new Error(outcome.kind);
    await waitForTransactionReceipt(client, { hash: outcome.transactionHash });
  });

  test("every reading comes out as it went in", async () => {
    for (let i = 0; i < READINGS; i++) {
      expect(await readClaimedReading(chain.client, claimed(i))).toEqual({
        streamId: 7,
        epoch: 2,
        batchId: 11,
        sequence: Number(FIRST_SEQUENCE) + i,
        timeSec: TIMES[i],
        groupIndex: 1,
        groupCount: 2,
        values: [i === 1 ? null : BigInt(TEMPERATURES[i]!)],
      });
    }
  });

  test("a proof in a transaction leaves its event behind", async () => {
    const { transactionHash, gasUsed, values } = await proveClaimedReading(
      chain.client,
      claimed(3),
    );
    expect(values).toEqual([3001n]);
    expect(gasUsed).toBeLessThan(500_000n);
    const { logs } = await getTransactionReceipt(chain.client, { hash: transactionHash });
    const [event] = parseEventLogs({ abi: CLAIMED_READING_ABI, logs, eventName: "ReadingProven" });
    expect(event?.args).toMatchObject({
      streamId: 7n,
      sequence: FIRST_SEQUENCE + 3n,
      time: BigInt(TIMES[3]!),
      groupIndex: 1n,
      groupCount: 2n,
      metrics: [0n],
      isNull: [false],
      values: [3001n],
    });
    expect(event?.args.application.toLowerCase()).toBe(chain.contracts.app);
  });

  test("metrics may be asked for in any order and number, integers only", async () => {
    const none = await readClaimedReading(chain.client, claimed(0, { metrics: [] }));
    expect(none.values).toEqual([]);
    const twice = await readClaimedReading(chain.client, claimed(0, { metrics: [0, 0] }));
    expect(twice.values).toEqual([-1250n, -1250n]);
    for (const beyond of [2, 3, Number.MAX_SAFE_INTEGER]) {
      expect(await refusalOf(claimed(0, { metrics: [0, beyond] }))).toBe("LeafMalformed");
    }
  });

  test("a reading whose time lies outside its batch's is not believed, one at its edge is", async () => {
    const refusals = [];
    for (let i = 0; i < READINGS; i++) {
      refusals.push(await refusalOf(claimed(i, { notice: provenOutput(5) })));
    }
    const outside = "ReadingTimeOutsideBatch";
    expect(refusals).toEqual([outside, "believed", "believed", "believed", outside]);
  });

  test.each([
    ["null", 0],
    ["negative", 1],
  ])("a reading whose time is %s is not believed", async (_, readingIndex) => {
    const proof = computeReadingProof(nobleCrypto, timelessGroups, 0, timelessLeaves, readingIndex);
    const change = { notice: provenOutput(6), proof, metrics: [] };
    expect(await refusalOf(claimed(0, change))).toBe("LeafMalformed");
  });

  // The commitment does not bind how many groups there are: the last of two is the last of three.
  test("the key group comes out as it was claimed, with the count that it depends on", async () => {
    const posing = { ...proofOf(0), groupIndex: 2, groupCount: 3 };
    const read = await readClaimedReading(chain.client, claimed(0, { proof: posing }));
    expect(read).toMatchObject({ groupIndex: 2, groupCount: 3 });
  });

  test("is not believed of another application of the same chain", async () => {
    const { app } = await deployApplication(chain.client, {
      ...{ templateHash: TEMPLATE_HASH, epochLength: EPOCH_LENGTH, salt: `0x${"01".repeat(32)}` },
    });
    expect(app).not.toBe(chain.contracts.app);
    expect(await refusalOf(claimed(0, { app }))).toBe("InvalidOutputsMerkleRoot");
  });

  const flip = (bytes: Uint8Array, at: number): Uint8Array => {
    const flipped = bytes.slice();
    flipped[at]! ^= 1;
    return flipped;
  };
  const withProof = (change: Partial<ReadingProof>) => ({ proof: { ...proofOf(0), ...change } });
  const withNotice = (change: Partial<ProvenOutput>) => ({
    notice: { ...provenOutput(1), ...change },
  });

  test.each<[string, string, () => Partial<ClaimedReadingProof>]>([
    ["another notice", "NotSubmissionAccepted", () => ({ notice: provenOutput(0) })],
    ["a notice of nothing", "NotSubmissionAccepted", () => ({ notice: provenOutput(4) })],
    ["another batch's notice", "ReadingNotCommitted", () => ({ notice: provenOutput(2) })],
    ["a notice of more readings", "ReadingCountWrong", () => ({ notice: provenOutput(3) })],
    [
      "an altered output",
      "InvalidOutputsMerkleRoot",
      () => withNotice({ output: flip(OUTPUTS[1]!, 80) }),
    ],
    ["an output elsewhere", "InvalidOutputsMerkleRoot", () => withNotice({ outputIndex: 2 })],
    [
      "an altered sibling",
      "InvalidOutputsMerkleRoot",
      () => withNotice({ siblings: provenOutput(2).siblings }),
    ],
    [
      "too few siblings",
      "InvalidOutputHashesSiblingsArrayLength",
      () => withNotice({ siblings: provenOutput(1).siblings.slice(1) }),
    ],
    ["a changed leaf", "ReadingNotCommitted", () => withProof({ leaf: flip(proofOf(0).leaf, 22) })],
    ["another salt", "ReadingNotCommitted", () => withProof({ leaf: flip(proofOf(0).leaf, 0) })],
    ["a cut leaf", "ReadingNotCommitted", () => withProof({ leaf: proofOf(0).leaf.subarray(1) })],
    ["another reading's leaf", "ReadingNotCommitted", () => withProof({ leaf: proofOf(1).leaf })],
    ["another place", "ReadingNotCommitted", () => withProof({ readingIndex: 1 })],
    [
      "a place behind the batch",
      "ReadingNotCommitted",
      () => withProof({ readingIndex: READINGS }),
    ],
    ["another count", "ReadingCountWrong", () => withProof({ readingCount: READINGS - 1 })],
    ["another key group", "ReadingNotCommitted", () => withProof({ groupIndex: 0 })],
    [
      "another key",
      "ReadingNotCommitted",
      () => withProof({ keyHash: flip(proofOf(0).keyHash, 0) }),
    ],
    ["no path", "ReadingNotCommitted", () => withProof({ readingPath: [] })],
  ])("is not believed with %s: %s", async (_, refusal, change) => {
    expect(await refusalOf(claimed(0, change()))).toBe(refusal);
  });

  test("is not believed of an application that does not exist", async () => {
    const app: Hex = `0x${"0d".repeat(20)}`;
    expect(await refusalOf(claimed(0, { app }))).toBeUndefined();
  });
});
