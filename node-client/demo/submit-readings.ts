import { encodeDid, encodePossessionMessage } from "../../spec/device-key.ts";
import { computeEpochKeyHash, wrapEpochKeys } from "../../spec/grant-keys.ts";
import type { Metric } from "../../spec/readings.ts";
import { type DeviceReadings, readReadings, sliceReadings } from "../csv/read-readings.ts";
import type { SampleData } from "../csv/sample-data.ts";
import { createDeviceSigner, type DeviceSigner } from "../device/device-signer.ts";
import { systemRandom } from "../device/random-source.ts";
import { StreamWriter } from "../device/stream-writer.ts";
import type { DemoWorld, Person } from "./demo-world.ts";

const COLUMNS = [
  "temperature_celsius",
  "humidity_percent",
  "precipitation_mm",
  "wind_speed_kmh",
  "wind_direction_degrees",
  "visibility_km",
];
const SCALES = { wind_speed_kmh: 1, wind_direction_degrees: 0, visibility_km: 1 };
const BATCH_READINGS = 128;
const BATCHES = 4;
export const OPEN_STREAM = 1;
export const SEALED_STREAM = 2;
/** Temperature and humidity are sold; the other metrics of the sealed stream are another group. */
export const SOLD_GROUPS = 0b01;
const isSold = (metricIndex: number): boolean => metricIndex < 2;
const GRANT_EXPIRES_AT_SEC = 4_102_444_800;

/** Who and what is on stage once all readings are in. */
export interface Scene {
  readonly owner: Person;
  readonly buyer: Person;
  readonly relayer: Person;
  readonly metrics: readonly Metric[];
  /** What the file says, to compare with what comes out. */
  readonly source: DeviceReadings;
  readonly readingCount: number;
  /** The input with the first batch. */
  readonly firstBatchInput: number;
  readonly story: readonly string[];
}

/** A device, an open and a sealed stream, a buyer's grant, and some batches of both streams. */
export function submitReadings(world: DemoWorld, sample: SampleData): Scene {
  const { crypto, at } = world;
  const [source] = readReadings(sample.text, {
    file: sample.source,
    columns: COLUMNS,
    scales: SCALES,
  });
  if (source === undefined) throw new RangeError("the sample data has no readings");
  const [owner, buyer, relayer] = [
    world.createPerson(),
    world.createPerson(),
    world.createPerson(),
  ] as const;
  const signer = createDeviceSigner("ed25519", systemRandom);
  const message = encodePossessionMessage(at, owner.address, signer.key);
  const metrics = source.metrics.map((metric) => ({ ...metric, group: 0 }));
  const sealedMetrics = metrics.map((metric, m) => ({ ...metric, group: isSold(m) ? 0 : 1 }));
  const epochKeys = [systemRandom(32), systemRandom(32)];
  world.send(owner, {
    kind: "register_device",
    key: signer.key,
    possession: signer.sign(message),
  });
  const declaration = { kind: "declare_stream", deviceId: 1 } as const;
  world.send(
    owner,
    { ...declaration, name: "open", isSealed: false, metrics, epochKeyHashes: [] },
    {
      ...declaration,
      name: "sealed",
      isSealed: true,
      metrics: sealedMetrics,
      epochKeyHashes: epochKeys.map((key) => computeEpochKeyHash(crypto, key)),
    },
  );
  world.send(buyer, { kind: "register_encryption_key", key: buyer.encryptionKey });
  grantSold(world, owner, buyer, epochKeys);

  const firstBatchInput = world.history.length;
  const byteCount =
    writeStream(world, relayer, signer, source, OPEN_STREAM, metrics, undefined) +
    writeStream(world, relayer, signer, source, SEALED_STREAM, sealedMetrics, epochKeys);
  const readingCount = 2 * BATCHES * BATCH_READINGS;
  const bytesPerReading = (byteCount / readingCount).toFixed(2);
  return {
    owner,
    buyer,
    relayer,
    metrics: sealedMetrics,
    source,
    readingCount,
    firstBatchInput,
    story: [
      `device 1 is ${encodeDid(signer.key)}, ${metrics.length} metrics a reading`,
      `stream 1 is open, stream 2 sealed with two keys; the buyer is granted the first of them`,
      `${2 * BATCHES} signed batches, ${readingCount} readings: ${bytesPerReading} bytes a reading`,
    ],
  };
}

function grantSold(
  world: DemoWorld,
  owner: Person,
  buyer: Person,
  epochKeys: readonly Uint8Array[],
): void {
  const grant = { streamId: SEALED_STREAM, epoch: 0, buyer: buyer.address };
  const wrappedKeys = wrapEpochKeys(
    world.crypto,
    { ...world.at, ...grant, buyerKey: buyer.encryptionKey },
    SOLD_GROUPS,
    epochKeys,
    systemRandom(32),
  );
  const expiresAtSec = GRANT_EXPIRES_AT_SEC;
  world.send(owner, { kind: "grant", ...grant, groups: SOLD_GROUPS, expiresAtSec, wrappedKeys });
}

/** Sends a stream's batches by somebody who only carries them; gives their payload bytes. */
function writeStream(
  world: DemoWorld,
  relayer: Person,
  signer: DeviceSigner,
  source: DeviceReadings,
  streamId: number,
  metrics: readonly Metric[],
  epochKeys: readonly Uint8Array[] | undefined,
): number {
  const writer = new StreamWriter(world.crypto, signer, world.machineKey, systemRandom, {
    ...world.at,
    deviceId: 1,
    streamId,
    metrics,
    epochKeys,
  });
  let byteCount = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const from = batch * BATCH_READINGS;
    const { times, columns } = sliceReadings(source, from, from + BATCH_READINGS);
    world.relay(relayer, writer.write(times, columns).operation);
    byteCount += world.history.at(-1)?.payload.length ?? 0;
  }
  return byteCount;
}
