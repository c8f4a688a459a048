import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore } from "../../dapp/store/sql-store.ts";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { OpenAhead } from "../../node-client/replay/open-ahead.ts";
import { replayAhead } from "../../node-client/replay/replay-ahead.ts";
import { Replayer, replayHistory } from "../../node-client/replay/replay-history.ts";
import type { OperationBody } from "../../spec/operations.ts";
import { referTo } from "../../spec/references.ts";
import { recordHistory } from "../arbitraries/histories.ts";
import { MACHINE_SECRET } from "../arbitraries/shared-keys.ts";
import { bySender, integers, metric, World } from "../arbitraries/world.ts";
import { seed } from "../seed.ts";

/** The second thread may make a replay faster, never different: the built worker, in earnest. */
const crypto = await createNodeCrypto();
const WORKER = pathToFileURL(resolve(import.meta.dirname, "../../dist/open-ahead-worker.js"));
const METRICS = [metric("a")];

async function replayBoth(inputs: readonly HistoryInput[], secret: Uint8Array) {
  const alone = await openStore(crypto);
  const one = replayHistory(crypto, createApplication(alone, crypto, secret), alone, inputs);
  const store = await openStore(crypto);
  const ahead = await OpenAhead.start(crypto, secret, WORKER);
  try {
    const replayer = new Replayer(
      crypto,
      createApplication(store, crypto, secret, ahead.open),
      store,
    );
    await replayAhead(replayer, ahead, store, inputs);
    return { one, two: replayer.finish(), counts: { ...ahead.counts } };
  } finally {
    await ahead.close();
  }
}

/** A device with an open stream, and a writer that goes on from batch to batch. */
function setUp(world: World) {
  const owner = world.person("owner");
  const signer = world.device();
  const declare = (name: string): OperationBody => ({
    kind: "declare_stream",
    deviceId: 1,
    name,
    isSealed: false,
    retentionSec: 0,
    metrics: METRICS,
    epochKeyHashes: [],
  });
  const inputs = [
    world.bySender(owner, world.registerDevice(owner, signer)),
    world.bySender(owner, declare("s")),
  ];
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS });
  let time = 0;
  const write = (count = 2) => {
    time += count;
    const times = Float64Array.from({ length: count }, (_, i) => time + i);
    return writer.write(times, [integers(...times)]).operation;
  };
  return { owner, signer, declare, inputs, write };
}

test("histories of every kind replay alike on one and on two threads", async () => {
  const inputs = await recordHistory(seed("replay ahead"), 1_000);
  const { one, two, counts } = await replayBoth(inputs, MACHINE_SECRET);
  expect(two).toEqual(one);
  expect(one.accepted).toBeGreaterThan(500);
  expect(counts.ahead).toBeGreaterThan(50);
});

test("a batch for one chain is no batch for another in the same chunk", async () => {
  const world = new World("chains", crypto);
  const { owner, inputs, write } = setUp(world);
  const input = world.send(owner, write());
  inputs.push({ ...input, at: { ...input.at, chainId: 1n } });
  const { one, two } = await replayBoth(inputs, world.machineSecret);
  expect(one.rejected).toBe(1);
  expect(two).toEqual(one);
});

test("guesses about refused declarations are dropped, and the worker catches up", async () => {
  const world = new World("guesses", crypto);
  const { owner, signer, declare, inputs, write } = setUp(world);
  // Refused, all of them: the worker counts streams that never come to be.
  for (let i = 0; i < 3; i++) inputs.push(world.bySender(owner, declare("s")));
  const ghost = world.writer(signer, { deviceId: 1, streamId: 4, metrics: METRICS });
  const ghostly = ghost.write(Float64Array.of(1), [integers(1)]).operation;
  inputs.push(world.send(owner, ghostly), world.bySender(owner, declare("t")));
  // The worker takes stream 2 for one that was refused; its batches are missed, then found.
  const second = world.writer(signer, { deviceId: 1, streamId: 2, metrics: METRICS });
  for (let i = 0; i < 300; i++) {
    const { operation } = second.write(Float64Array.of(i), [integers(i)]);
    inputs.push(world.send(owner, write()), world.send(owner, operation));
  }
  const { one, two, counts } = await replayBoth(inputs, world.machineSecret);
  expect(one.rejected).toBe(4);
  expect(two).toEqual(one);
  expect(counts.ahead).toBeGreaterThan(counts.inPlace);
});

test("a stream declared on a device of the same input is opened ahead", async () => {
  const world = new World("references", crypto);
  const owner = world.person("owner");
  const { signer, declare } = setUp(world);
  const registering = world.registerDevice(owner, signer);
  const inputs = [
    world.bySender(owner, registering, { ...declare("s"), deviceId: referTo(0) } as OperationBody),
  ];
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics: METRICS });
  for (let i = 0; i < 200; i++) {
    const { operation } = writer.write(Float64Array.of(i), [integers(i)]);
    inputs.push(world.send(owner, operation));
  }
  const { one, two, counts } = await replayBoth(inputs, world.machineSecret);
  expect(one.rejected).toBe(0);
  expect(two).toEqual(one);
  expect(counts.ahead).toBeGreaterThan(150);
});

test("a reference to nothing does not end the worker", async () => {
  const world = new World("no references", crypto);
  const { owner, signer, declare, inputs, write } = setUp(world);
  const nothing = { ...declare("u"), deviceId: referTo(200) } as OperationBody;
  const rotation = {
    ...{ kind: "rotate_device_key", deviceId: referTo(200), key: signer.key },
    possession: new Uint8Array(64),
  } as OperationBody;
  const ghost = world.writer(signer, { deviceId: 1, streamId: 2, metrics: METRICS });
  const ghostly = ghost.write(Float64Array.of(1), [integers(1)]).operation;
  inputs.push(world.send(owner, bySender(rotation), bySender(nothing), ghostly));
  for (let i = 0; i < 200; i++) inputs.push(world.send(owner, write()));
  const { one, two, counts } = await replayBoth(inputs, world.machineSecret);
  expect(two).toEqual(one);
  expect(counts.ahead).toBeGreaterThan(150);
});

test("a stream without key groups does not end the worker", async () => {
  const world = new World("no groups", crypto);
  const { owner, signer, declare, inputs, write } = setUp(world);
  inputs.push(world.bySender(owner, { ...declare("u"), isSealed: true } as OperationBody));
  const ghost = world.writer(signer, {
    deviceId: 1,
    streamId: 2,
    metrics: [],
    epochKeys: [world.random(32)],
  });
  inputs.push(world.send(owner, ghost.write(Float64Array.of(1), []).operation));
  for (let i = 0; i < 200; i++) inputs.push(world.send(owner, write()));
  const { one, two, counts } = await replayBoth(inputs, world.machineSecret);
  expect(two).toEqual(one);
  expect(counts.ahead).toBeGreaterThan(150);
});
