import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { NOT_BROUGHT } from "../spec/core-operations.ts";
import { computeEpochKeyHash } from "../spec/grant-keys.ts";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../spec/limits.ts";
import { Model } from "../spec/model.ts";
import type { OperationBody } from "../spec/operations.ts";
import { quickSigner } from "./arbitraries/signers.ts";
import {
  bySender,
  integers,
  metric,
  openEngine,
  refusalsOf,
  signedBy,
  World,
} from "./arbitraries/world.ts";

/** What one input may spend (spec §2.4), where a submission finds one half of it and not the other. */

const crypto = await createNodeCrypto();
const METRICS = [metric("a")];

test("a submission without a verification left spends no readings", async () => {
  const world = new World("submission budget", crypto);
  const engine = await openEngine(world);
  const model = new Model(crypto, world.machineSecret);
  const alice = world.person("alice");
  const signer = quickSigner("ed25519", world.random(32));
  const epochKeys = [world.random(32)];
  const declaration: OperationBody = {
    ...{
      kind: "declare_stream",
      deviceId: 1,
      name: "sealed",
      isSealed: true,
      retentionSec: 0,
      metrics: METRICS,
    },
    epochKeyHashes: epochKeys.map((key) => computeEpochKeyHash(crypto, key)),
  };
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS, epochKeys });
  const batch = (count: number) =>
    writer.write(new Float64Array(count), [integers(...new Array<number>(count).fill(7))])
      .operation;
  // Two verifications each, the account's and the device's; refused, so the nonce stays.
  const registration = world.registerDevice(alice, quickSigner("ed25519", world.random(32)));
  if (registration.kind !== "register_device") throw new Error("a device is registered");
  const pair = await signedBy(alice, 0, { ...registration, possession: new Uint8Array(64) });
  const challenge = {
    kind: "challenge",
    batchId: 1,
    group: 0,
    batchKey: new Uint8Array(32),
    ...NOT_BROUGHT,
  } as const;
  const inputs = [
    world.bySender(alice, world.registerDevice(alice, signer), declaration),
    world.send(alice, batch(1)),
    world.send(
      alice,
      ...new Array<typeof pair>(SIGNATURES_MAX / 2).fill(pair),
      batch(READINGS_PER_INPUT_MAX),
      bySender(challenge),
    ),
  ];
  const refusals = inputs.map((input) => {
    const refused = refusalsOf(engine.apply(input));
    const expected = model.advance(input.at, input.payload).refusals;
    expect(refused).toEqual(expected.map(({ refusal }) => refusal));
    return refused;
  });
  expect(refusals.at(-1)?.slice(-2)).toEqual([
    "operation_signatures_over_bounds",
    "challenge_key_wrong",
  ]);
});
