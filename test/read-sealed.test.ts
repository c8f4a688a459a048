import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../dapp/engine/balances.ts";
import {
  listReadings,
  type ReceivedBatch,
  type ReceivedGrant,
  readSealed,
  SealedReadError,
  type SealedReadFault,
  type SealedStream,
} from "../node-client/client/buyer/read-sealed.ts";
import { signOperation } from "../node-client/client/signing/sign-operation.ts";
import { deriveLayer2Keys, encodeBatchContext } from "../spec/batch.ts";
import { encodeSealedBody } from "../spec/batch-body.ts";
import { computeEpochKeyHash, wrapEpochKeys } from "../spec/grant-keys.ts";
import { ETHER } from "../spec/portals.ts";
import { type BatchDraft, type SealedBatch, sealBatch } from "../spec/seal-batch.ts";
import type { SealedFault } from "../spec/sealed-columns.ts";
import { sealFaulty } from "./arbitraries/faults.ts";
import { integers, metric, openEngine, texts, World } from "./arbitraries/world.ts";

/** The buyer's side: reads what was granted, refuses everything that is not what was promised. */

const crypto = await createNodeCrypto();
const world = new World("buyer", crypto);
const [buyer, stranger] = [world.person("buyer"), world.person("stranger")];
const EPOCH_KEYS = [world.random(32), world.random(32)];
const METRICS = [
  metric("a", { scale: 1, minimum: -100, maximum: 100 }),
  metric("b", { group: 1 }),
  metric("note", { kind: "text" }),
];
const STREAM: SealedStream = {
  ...world.at,
  deviceId: 1,
  streamId: 1,
  groupCount: 2,
  metrics: METRICS,
};
const BUYER = { account: buyer.address, secret: buyer.encryptionSecret };
const DRAFT: BatchDraft = {
  ...world.at,
  ...{ deviceId: 1, streamId: 1, epoch: 0, firstSequence: 7, count: 2, salt: world.random(16) },
  metrics: METRICS,
  times: Float64Array.of(100, 90),
  columns: [integers(15, null), integers(3, 4), texts("x", "y")],
  previousHash: new Uint8Array(32),
  epochKeys: EPOCH_KEYS,
};

function grant(groups: number, keys = EPOCH_KEYS): ReceivedGrant {
  const context = { ...world.at, streamId: 1, epoch: 0, buyer: buyer.address };
  return {
    ...{ grantId: 1, streamId: 1, epoch: 0, groups },
    wrappedKeys: wrapEpochKeys(
      crypto,
      { ...context, buyerKey: buyer.encryptionKey },
      groups,
      keys,
      world.random(32),
    ),
    keyHashes: new Map(EPOCH_KEYS.map((key, group) => [group, computeEpochKeyHash(crypto, key)])),
  };
}

/** What the application keeps of a batch: the machine has opened layer 2. */
function receive({ sealed, batchHash, commitment }: SealedBatch): ReceivedBatch {
  const context = encodeBatchContext(DRAFT);
  const ephemeral = sealed.subarray(16, 48);
  const shared = crypto.x25519(world.machineSecret, ephemeral)!;
  const keys = deriveLayer2Keys(crypto, shared, ephemeral, world.machineKey, DRAFT.salt, context);
  const body = crypto.openXChaCha20Poly1305(keys.aeadKey, sealed.subarray(48), context)!;
  return {
    ...{ batchId: 5, epoch: 0, firstSequence: 7, readingCount: 2, disprovedGroup: null },
    ...{ batchHash, commitment, body, salt: DRAFT.salt, previousHash: DRAFT.previousHash },
  };
}

const honest = receive(sealBatch(crypto, DRAFT, world.machineKey, world.random(32)));

function read(grants: readonly ReceivedGrant[], batch: ReceivedBatch, who = BUYER) {
  return [...readSealed(crypto, STREAM, who, grants, [batch])].flatMap((unsealed) =>
    listReadings(unsealed, METRICS),
  );
}

function faultOf(run: () => unknown): SealedReadFault | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SealedReadError);
    return (error as SealedReadError).fault;
  }
}

test("reads what was granted, and nothing else", () => {
  expect(read([grant(0b11)], honest)).toEqual([
    { sequence: 7, timeSec: 100, values: ["1.5", "3", "x"] },
    { sequence: 8, timeSec: 90, values: [null, "4", "y"] },
  ]);
  expect(read([grant(0b10)], honest)[0]?.values).toEqual([undefined, "3", undefined]);
});

describe("refuses", () => {
  test.each<[SealedReadFault, string, () => unknown]>([
    [
      "grant_does_not_open",
      "a stranger's secret",
      () => read([grant(3)], honest, { ...BUYER, secret: stranger.encryptionSecret }),
    ],
    [
      "grant_does_not_open",
      "another account",
      () => read([grant(3)], honest, { ...BUYER, account: stranger.address }),
    ],
    [
      "grant_does_not_open",
      "a key that the epoch did not publish",
      () => read([grant(3, [EPOCH_KEYS[1]!, EPOCH_KEYS[1]!])], honest),
    ],
    ["grant_missing", "another epoch", () => read([grant(3)], { ...honest, epoch: 1 })],
    ["grant_missing", "another stream's grant", () => read([{ ...grant(3), streamId: 2 }], honest)],
    [
      "batch_disproved",
      "a batch that a challenge proved false",
      () => read([grant(3)], { ...honest, disprovedGroup: 1 }),
    ],
    [
      "body_malformed",
      "a body cut short",
      () => read([grant(3)], { ...honest, body: honest.body.subarray(1) }),
    ],
    [
      "commitment_differs",
      "another body",
      () => read([grant(3)], { ...honest, commitment: new Uint8Array(32) }),
    ],
    [
      "header_differs",
      "another place in the stream",
      () => read([grant(3)], { ...honest, firstSequence: 8 }),
    ],
    [
      "header_differs",
      "another previous batch",
      () => read([grant(3)], { ...honest, previousHash: new Uint8Array(32).fill(1) }),
    ],
    [
      "key_differs",
      "a batch under another key than the epoch's",
      () => {
        const epochKeys = [EPOCH_KEYS[0]!, world.random(32)];
        const draft = { ...DRAFT, epochKeys };
        read([grant(3)], receive(sealBatch(crypto, draft, world.machineKey, world.random(32))));
      },
    ],
  ])("%s: %s", (fault, _, run) => expect(faultOf(run)).toBe(fault));

  const FAULTS: SealedFault[] = [
    "ciphertext_broken",
    "columns_malformed",
    "value_out_of_bounds",
    "root_differs",
  ];
  test.each(FAULTS)("%s, with the key that a challenge reveals", (fault) => {
    const { machineKey } = world;
    const secret = world.random(32);
    const faulty = sealFaulty(crypto, DRAFT, EPOCH_KEYS, fault, 0, machineKey, secret);
    let told = "";
    try {
      read([grant(3)], receive(faulty));
      expect.unreachable();
    } catch (error) {
      told = String((error as Error).message);
      expect(error).toMatchObject({
        fault,
        place: { batchId: 5, group: 0, batchKey: faulty.batchKeys[0] },
      });
    }
    expect(told).toMatch(/^Batch 5, key group 0: .*\n.*`challenge`/);
    // Who did not buy the false group does not see the fault.
    expect(read([grant(0b10)], receive(faulty))[1]?.values[1]).toBe("4");
  });

  test("a body that says other times than its readings were sealed with", () => {
    const body = encodeSealedBody({ times: Float64Array.of(1, 2), groups: [] });
    expect(faultOf(() => read([grant(3)], { ...honest, body }))).toBe("body_malformed");
  });
});

describe("an account's signed operation", () => {
  const to = stranger.address;
  const body = { kind: "transfer", token: ETHER, to, amount: 5n } as const;
  const options = { ...world.at, nonce: 0, deadlineSec: 1_700_001_000 };

  test("applies, whoever sends it", async () => {
    const engine = await openEngine(world);
    engine.apply(world.depositEther(buyer, 5n));
    const operation = await signOperation(buyer.account, options, body);
    expect(engine.apply(world.send(stranger, operation)).status).toBe("accepted");
    expect(balanceOf(engine.store, to, ETHER)).toBe(5n);
  });

  test("is refused where the signer answers with no signature of an account", async () => {
    const contract = { address: buyer.account.address, signTypedData: async () => "0x12" as const };
    await expect(signOperation(contract, options, body)).rejects.toThrow(
      /has 1 bytes instead of 65\.\nSign with an account/,
    );
  });
});
