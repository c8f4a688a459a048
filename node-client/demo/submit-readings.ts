import { isDeepStrictEqual } from "node:util";
import { getRoot } from "../client/actions/account-queries.ts";
import { declareStream, registerDevice } from "../client/actions/device-actions.ts";
import { getStream, listReadings } from "../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { createDeviceSigner, systemRandom } from "../client/device/device-signer.ts";
import { type DeviceStream, sendBatches, writeBatches } from "./apply-all.ts";
import { type ChosenReadings, CLIMATE } from "./choose-readings.ts";
import { check } from "./demo-error.ts";
import type { Stage } from "./open-stage.ts";

/** The two streams that the other steps work with. */
export interface Streams {
  readonly open: DeviceStream;
  readonly sealed: DeviceStream & { readonly epochKeys: readonly Uint8Array[] };
  readonly costs: Awaited<ReturnType<typeof sendBatches>>;
  readonly readingCount: number;
}

/**
 * Two owners register a device and declare a stream each, one open and one sealed in two key groups;
 * the devices sign all readings of their files, and the gateway sends them.
 *
 * @throws DemoError unless every reading is in, and the open ones read back as they are in the file.
 */
export async function submitReadings(
  stage: Stage,
  weather: ChosenReadings,
  environment: ChosenReadings,
): Promise<Streams> {
  const { gateway, say } = stage;
  const [open, sealed] = await Promise.all([
    declareWeather(stage, weather),
    declareEnvironment(stage, environment),
  ]);
  await say(
    `owner A: device ${open.deviceId}, stream ${open.streamId}, open: ${describe(weather)}`,
  );
  await say(
    `owner B: device ${sealed.deviceId}, stream ${sealed.streamId}, sealed in two key groups: ` +
      describe(environment),
  );

  const { machineKey } = await getRoot(gateway);
  const costs = await sendBatches(gateway, [
    ...writeBatches(gateway, machineKey, open, weather.readings),
    ...writeBatches(gateway, machineKey, sealed, environment.readings),
  ]);
  const readingCount = weather.cells.length + environment.cells.length;
  await expectReadings(gateway, open, weather);
  const { readingCount: sealedCount } = await getStream(gateway, sealed);
  check(sealedCount === environment.cells.length, "every sealed reading is in its stream");
  await say(
    `the gateway sends ${costs.batchCount} signed batches in ${costs.inputCount} inputs, and pays: ` +
      `${readingCount} readings in ${costs.durationSec.toFixed(1)} s`,
  );
  await say(
    `${Math.round(readingCount / costs.durationSec)} readings a second, ` +
      `${(costs.payloadBytes / readingCount).toFixed(2)} bytes and ` +
      `${costs.gas / BigInt(readingCount)} gas a reading`,
  );
  await say(`all ${weather.cells.length} open readings read back as they are in the file`);
  return { open, sealed, costs, readingCount };
}

async function declareWeather({ ownerA }: Stage, { readings }: ChosenReadings) {
  const signer = createDeviceSigner("ed25519", systemRandom);
  const metrics = readings.metrics.map((metric) => ({ ...metric, group: 0 }));
  const { deviceId } = await registerDevice(ownerA, { device: signer });
  const { streamId } = await declareStream(ownerA, { deviceId, name: "weather", metrics });
  return { deviceId, streamId, signer, metrics, epochKeys: undefined };
}

/** Owner B has no Ether: they sign everything, and the gateway sends it. */
async function declareEnvironment({ gateway, ownerB }: Stage, { readings }: ChosenReadings) {
  const relay = { signer: ownerB };
  const signer = createDeviceSigner("p256", systemRandom);
  const metrics = readings.metrics.map((metric) => ({
    ...metric,
    group: CLIMATE.includes(metric.name) ? 0 : 1,
  }));
  const epochKeys = [systemRandom(32), systemRandom(32)];
  const { deviceId } = await registerDevice(gateway, { device: signer, relay });
  const stream = { deviceId, name: "environment", metrics, epochKeys };
  const { streamId } = await declareStream(gateway, { ...stream, relay });
  return { deviceId, streamId, signer, metrics, epochKeys };
}

async function expectReadings(
  client: TallyrollClient,
  { streamId }: DeviceStream,
  { cells }: ChosenReadings,
): Promise<void> {
  const values: (readonly (string | null)[])[] = [];
  for await (const reading of listReadings(client, { streamId })) values.push(reading.values);
  check(isDeepStrictEqual(values, cells), "every open reading reads back as it is in the file");
}

const describe = ({ source, isGenerated, cells, readings }: ChosenReadings): string =>
  `${cells.length} readings of ${readings.metrics.length} metrics, ` +
  `${source}${isGenerated ? " (no real data found)" : ""}`;
