import { beforeAll, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import type { HistoryInput } from "../node-client/history/history-lines.ts";
import { RETENTION_BODY_BYTES_MAX, RETENTION_STEPS_MAX, SIGNATURES_MAX } from "../spec/limits.ts";
import { Model } from "../spec/model.ts";
import { encodeNotice } from "../spec/notices.ts";
import type { Metric } from "../spec/readings.ts";
import { integers, metric, openEngine, refusalsOf, texts, World } from "./arbitraries/world.ts";

/** What one input archives and folds at most, and what that leaves of the state (spec §3.8). */

const crypto = await createNodeCrypto();
const POKE = { kind: "poke_retention" } as const;

/** A stream in an engine and, where `isModelled`, in the model: both must say the same. */
async function begin(metrics: readonly Metric[], retentionSec: number, isModelled = true) {
  const world = new World("retention", crypto);
  const engine = await openEngine(world);
  const model = isModelled ? new Model(crypto, world.machineSecret) : undefined;
  const ada = world.person("ada");
  const device = world.device();
  const apply = (input: HistoryInput) => {
    const result = engine.apply(input);
    expect(refusalsOf(result)).toEqual([]);
    if (model !== undefined) {
      expect(model.advance(input.at, input.payload).outputs).toEqual(result.outputs);
      expect(model.state.root()).toEqual(engine.store.getRoot());
    }
    return result.outputs;
  };
  const stream = { deviceId: 1, name: "s", isSealed: false, metrics, epochKeyHashes: [] } as const;
  const declare = { kind: "declare_stream", retentionSec, ...stream } as const;
  apply(world.bySender(ada, world.registerDevice(ada, device), declare));
  const writer = world.writer(device, { deviceId: 1, streamId: 1, metrics });
  const count = (table: "batches" | "batch_bodies"): number => model?.state.count(table) ?? 0;
  return { world, engine, ada, apply, writer, count };
}

describe("an input", () => {
  const INPUTS = 5;
  let state: Awaited<ReturnType<typeof begin>>;
  beforeAll(async () => {
    state = await begin([metric("t")], 1_000);
    const { world, ada, apply, writer } = state;
    for (let input = 0; input < INPUTS; input++) {
      const batches = Array.from({ length: SIGNATURES_MAX }, (_, i) =>
        writer.write(Float64Array.of(i), [integers(i)]),
      );
      apply(world.send(ada, ...batches.map(({ operation }) => operation)));
    }
    world.timestampSec += 1_000;
  });

  test(`takes ${RETENTION_STEPS_MAX} at its head, and as many by all its pokes`, () => {
    const { world, ada, apply, count } = state;
    const outputs = apply(world.bySender(ada, POKE, POKE));
    expect(outputs.slice(0, 2)).toEqual([
      encodeNotice("RetentionPoked", [RETENTION_STEPS_MAX, 0]),
      encodeNotice("RetentionPoked", [0, 0]),
    ]);
    expect(count("batch_bodies")).toBe(INPUTS * SIGNATURES_MAX - 2 * RETENTION_STEPS_MAX);
    expect(count("batches")).toBe(INPUTS * SIGNATURES_MAX);
  });

  test("that rests while much becomes due is caught up with by as few as brought it", () => {
    const { world, ada, apply, count } = state;
    world.timestampSec += 1_000;
    for (let input = 0; input < INPUTS; input++) apply(world.depositEther(ada, 1n));
    expect([count("batch_bodies"), count("batches")]).toEqual([0, 0]);
  });
});

test("an input stops after the body that carries it over the bytes", async () => {
  const { world, ada, apply, writer, engine, count } = await begin(
    [metric("note", { kind: "text" })],
    1_000,
  );
  const bodyBytes: number[] = [];
  for (let i = 0; i < 14; i++) {
    const notes = Array.from({ length: 280 }, () => Buffer.from(world.random(100)).toString("hex"));
    apply(world.send(ada, writer.write(new Float64Array(280), [texts(...notes)]).operation));
    bodyBytes.push(engine.store.batchBodies.get(i + 1)!.body.length);
  }
  const archivedBy = (from: number): number => {
    let [bytes, at] = [0, from];
    while (at < bodyBytes.length && bytes <= RETENTION_BODY_BYTES_MAX) bytes += bodyBytes[at++]!;
    return at;
  };
  world.timestampSec += 1_000;
  apply(world.bySender(ada, POKE));
  const afterPoke = archivedBy(archivedBy(0));
  expect(afterPoke).toBeLessThan(bodyBytes.length);
  expect(count("batch_bodies")).toBe(bodyBytes.length - afterPoke);
});

test("a batch leaves at most 200 bytes until it folds, and nothing then", async () => {
  const PER_INPUT = 50;
  const INPUTS = 40;
  const { world, engine, ada, apply, writer } = await begin([metric("t")], INPUTS, false);
  let time = world.timestampSec;
  /** Bytes of the state after so many more inputs, a second apart. */
  const grow = (): number => {
    for (let input = 0; input < INPUTS; input++) {
      world.timestampSec = ++time;
      const batches = Array.from({ length: PER_INPUT }, (_, i) =>
        writer.write(Float64Array.of(time, time), [integers(i, input)]),
      );
      apply(world.send(ada, ...batches.map(({ operation }) => operation)));
    }
    return engine.store.countBytes();
  };
  const [kept, archived, folded, later, last] = [grow(), grow(), grow(), grow(), grow()];
  const rowBytes = (archived! - kept!) / (INPUTS * PER_INPUT);
  expect(rowBytes).toBeGreaterThan(100);
  expect(rowBytes).toBeLessThanOrEqual(200);
  // Pages are 4,096 bytes, and the trees of three tables and an index fill them as they like.
  expect(Math.abs(later! - folded!)).toBeLessThan(20 * 4_096);
  expect(Math.abs(last! - later!)).toBeLessThan(20 * 4_096);
  expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
});

test("a stream is visited sixteen times a retention: what is due in between goes together", async () => {
  const RETENTION = 160;
  const { world, ada, apply, writer, count } = await begin([metric("t")], RETENTION);
  const began = world.timestampSec;
  for (let second = 0; second < 25; second++) {
    world.timestampSec = began + second;
    apply(world.send(ada, writer.write(Float64Array.of(second), [integers(second)]).operation));
  }
  /** What is left when the first thing happens at that second, bodies and rows. */
  const leftAt = (second: number): readonly [bodies: number, rows: number] => {
    world.timestampSec = began + second;
    apply(world.depositEther(ada, 1n));
    return [count("batch_bodies"), count("batches")];
  };
  expect(leftAt(RETENTION - 1)).toEqual([25, 25]);
  expect(leftAt(RETENTION)).toEqual([24, 25]);
  // A sixteenth is ten seconds: until then the next ones stay, due as they are.
  expect(leftAt(RETENTION + 9)).toEqual([24, 25]);
  expect(leftAt(RETENTION + 10)).toEqual([14, 25]);
  expect(leftAt(RETENTION + 40)).toEqual([0, 25]);
  expect(leftAt(2 * RETENTION - 1)).toEqual([0, 25]);
  expect(leftAt(2 * RETENTION + 3)).toEqual([0, 21]);
  expect(leftAt(2 * RETENTION + 24)).toEqual([0, 0]);
});
