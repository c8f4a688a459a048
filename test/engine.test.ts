import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../dapp/engine/balances.ts";
import { NOT_BROUGHT } from "../spec/core-operations.ts";
import { computeEpochKeyHash } from "../spec/grant-keys.ts";
import { ETHER } from "../spec/portals.ts";
import {
  integers,
  metric,
  openEngine,
  refusalsOf,
  signedBy,
  texts,
  World,
} from "./arbitraries/world.ts";

const crypto = await createNodeCrypto();

test("a device's batch is applied, read back and proved; the same batch again is refused", async () => {
  const world = new World("first", crypto);
  const engine = await openEngine(world);
  const owner = world.person("owner");
  const signer = world.device();
  const metrics = [metric("temperature", { scale: 2 }), metric("sky", { kind: "text" })];
  for (const body of [
    world.registerDevice(owner, signer),
    {
      kind: "declare_stream",
      deviceId: 1,
      name: "weather",
      isSealed: false,
      retentionSec: 0,
      metrics,
      epochKeyHashes: [],
    } as const,
  ]) {
    expect(engine.apply(world.bySender(owner, body)).status).toBe("accepted");
  }
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics });
  const times = Float64Array.of(100, 90, 3700);
  const columns = [integers(711, null, -5), texts("clear", "rain", null)];
  const { operation } = writer.write(times, columns);
  const result = engine.apply(world.send(owner, operation));
  expect(result.status).toBe("accepted");
  expect(result.outputs).toHaveLength(2);
  const { readings } = engine.query({ query: "readings", stream_id: 1 });
  expect(readings).toEqual([
    { sequence: 0, time: 100, values: ["7.11", "clear"], batch_id: 1 },
    { sequence: 1, time: 90, values: [null, "rain"], batch_id: 1 },
    { sequence: 2, time: 3700, values: ["-0.05", null], batch_id: 1 },
  ]);
  expect(engine.query({ query: "proof", stream_id: 1, sequence: 1 })).toMatchObject({
    reading_index: 1,
    reading_count: 3,
  });
  const before = engine.store.getRoot();
  const again = engine.apply(world.send(owner, operation));
  expect(again.status).toBe("rejected");
  expect(refusalsOf(again)).toEqual(["submission_sequence_used"]);
  expect(engine.store.getRoot()).toEqual(before);
  expect(engine.store.rescanRoot()).toEqual(before);
});

test("relayed operations apply once, in nonce order, and a refused one keeps its nonce", async () => {
  const world = new World("relay", crypto);
  const engine = await openEngine(world);
  const [alice, bob, relayer] = [world.person("a"), world.person("b"), world.person("r")];
  engine.apply(world.depositEther(alice, 100n));
  const transfer = { kind: "transfer", token: ETHER, to: bob.address, amount: 60n } as const;
  const first = await signedBy(alice, 0, transfer);
  expect(engine.apply(world.send(relayer, first)).status).toBe("accepted");
  expect(refusalsOf(engine.apply(world.send(relayer, first)))).toEqual([
    "authorization_nonce_wrong",
  ]);
  const tooMuch = await signedBy(alice, 1, transfer);
  expect(refusalsOf(engine.apply(world.send(relayer, tooMuch)))).toEqual(["balance_too_low"]);
  const rest = await signedBy(alice, 1, { ...transfer, amount: 40n });
  expect(engine.apply(world.send(relayer, rest)).status).toBe("accepted");
  expect(balanceOf(engine.store, bob.address, ETHER)).toBe(100n);
});

test("a sealed batch reads back for its buyer only, and a false one is disproved", async () => {
  const world = new World("sealed", crypto);
  const engine = await openEngine(world);
  const [owner, buyer] = [world.person("owner"), world.person("buyer")];
  const signer = world.device("p256");
  const metrics = [metric("a", { group: 0 }), metric("b", { group: 1 })];
  const epochKeys = [world.random(32), world.random(32)];
  const epochKeyHashes = epochKeys.map((key) => computeEpochKeyHash(crypto, key));
  engine.apply(world.bySender(owner, world.registerDevice(owner, signer)));
  const declare = {
    kind: "declare_stream",
    deviceId: 1,
    name: "s",
    isSealed: true,
    retentionSec: 0,
  } as const;
  engine.apply(world.bySender(owner, { ...declare, metrics, epochKeyHashes }));
  engine.apply(
    world.bySender(buyer, { kind: "register_encryption_key", key: buyer.encryptionKey }),
  );
  const expiresAtSec = world.timestampSec + 1000;
  const grant = world.grant(buyer, { streamId: 1, epoch: 0, groups: 2, epochKeys, expiresAtSec });
  expect(engine.apply(world.bySender(owner, grant)).status).toBe("accepted");
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics, epochKeys });
  const { operation, batch } = writer.write(Float64Array.of(1, 2), [
    integers(1, 2),
    integers(3, 4),
  ]);
  expect(engine.apply(world.send(owner, operation)).status).toBe("accepted");
  const challenge = { kind: "challenge", batchId: 1, group: 1, ...NOT_BROUGHT } as const;
  const honest = engine.apply(
    world.bySender(buyer, { ...challenge, batchKey: batch.batchKeys[1]! }),
  );
  expect(refusalsOf(honest)).toEqual(["challenge_batch_honest"]);
  const wrong = engine.apply(world.bySender(buyer, { ...challenge, batchKey: world.random(32) }));
  expect(refusalsOf(wrong)).toEqual(["challenge_key_wrong"]);
});
