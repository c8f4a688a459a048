import type { DeviceSigner } from "../../../node-client/client/device/device-signer.ts";
import type { StreamWriter } from "../../../node-client/client/device/stream-writer.ts";
import { encodeOpenBody } from "../../../spec/batch-body.ts";
import type { BodyOf, Operation } from "../../../spec/operations.ts";
import type { Column, Metric } from "../../../spec/readings.ts";
import type { BatchDraft } from "../../../spec/seal-batch.ts";
import { type RawContent, sealRaw } from "../../arbitraries/faults.ts";
import { integers, metric, texts } from "../../arbitraries/world.ts";
import { declare, Story } from "./story.ts";

export const NO_HASH = new Uint8Array(32);

export const WEATHER: readonly Metric[] = [
  metric("temperature", { unit: "Cel", scale: 2, minimum: -5_000, maximum: 6_000 }),
  metric("sky", { kind: "text" }),
];
export const NOTES: readonly Metric[] = [
  metric("a", { kind: "text" }),
  metric("b", { kind: "text" }),
];
export const HIDDEN: readonly Metric[] = [metric("a"), metric("b", { group: 1 })];

/** Three readings of the weather, in the order they were taken in: the second is the oldest. */
export const TIMES = Float64Array.of(1_699_999_800, 1_699_999_700, 1_700_003_600);
export const COLUMNS: readonly Column[] = [integers(711, null, -5), texts("clear", "rain", null)];
export const HIDDEN_COLUMNS: readonly Column[] = [integers(1, 2, 3), integers(4, null, 6)];

type WriterOptions = Partial<Parameters<Story["world"]["writer"]>[1]>;

/** Where batches arrive: devices with streams, and the means to write true and false batches. */
export interface Scene {
  readonly story: Story;
  readonly device: DeviceSigner;
  readonly p256: DeviceSigner;
  readonly secp256k1: DeviceSigner;
  /** The epoch keys of stream 3. */
  readonly keys: readonly Uint8Array[];
  writerOf(
    signer: DeviceSigner,
    deviceId: number,
    streamId: number,
    next?: WriterOptions,
  ): StreamWriter;
  /** A batch of device 1 with any content under any header, signed as it stands. */
  forge(
    metrics: readonly Metric[],
    fields: Pick<BatchDraft, "streamId"> & Partial<BatchDraft>,
    make?: (draft: BatchDraft) => Partial<RawContent>,
  ): Operation;
}

export async function openScene(): Promise<Scene> {
  const story = await Story.open(
    "submissions",
    "Alice's device 1 has the open streams 1 (a number at two decimals and a text) and 2 (two " +
      "texts) and the sealed stream 3 (a number in each of two key groups). Devices 2 and 3 have " +
      "an open stream each, 4 and 5. Carol relays what devices signed.",
  );
  const { world, alice } = story;
  const device = story.device();
  const p256 = story.device("p256");
  const secp256k1 = story.device("secp256k1");
  const keys = [world.random(32), world.random(32)];
  const weather = (deviceId: number) =>
    declare(story, { deviceId, name: "weather", metrics: WEATHER });
  story.happens(
    "alice registers three devices",
    world.bySender(
      alice,
      ...[device, p256, secp256k1].map((signer) => world.registerDevice(alice, signer)),
    ),
  );
  story.happens(
    "alice declares five streams",
    world.bySender(
      alice,
      weather(1),
      declare(story, { deviceId: 1, name: "notes", metrics: NOTES }),
      declare(story, { deviceId: 1, name: "hidden", metrics: HIDDEN }, keys),
      weather(2),
      weather(3),
    ),
  );
  return {
    story,
    device,
    p256,
    secp256k1,
    keys,
    writerOf: (signer, deviceId, streamId, next = {}) =>
      world.writer(signer, { deviceId, streamId, metrics: WEATHER, ...next }),
    forge(metrics, fields, make = () => ({})) {
      const draft: BatchDraft = {
        ...world.at,
        deviceId: 1,
        epoch: 0,
        firstSequence: 0,
        count: fields.times?.length ?? TIMES.length,
        salt: world.random(16),
        metrics,
        times: TIMES,
        columns: COLUMNS,
        previousHash: NO_HASH,
        epochKeys: undefined,
        ...fields,
      };
      const groups = [{ keyHash: NO_HASH, root: NO_HASH }];
      const batch = sealRaw(world.crypto, draft, world.machineKey, world.random(32), () => ({
        body: encodeOpenBody(draft),
        groups,
        ...make(draft),
      }));
      const { streamId, epoch, firstSequence, count } = draft;
      const head = { kind: "submit", streamId, epoch, firstSequence, count } as const;
      const body: BodyOf<"submit"> = { ...head, breakFloor: 0, sealed: batch.sealed };
      const signature = device.sign(batch.signedBytes);
      return { authorization: { by: "device", signature }, body };
    },
  };
}
