import type { Crypto } from "../../spec/crypto.ts";
import { WEATHER } from "../demo/choose-readings.ts";
import { type DeviceReadings, readReadings } from "../files/read-readings.ts";
import { createDevices, encodeHistory } from "../history/encode-history.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { seedHistory } from "../history/seed-history.ts";

/** Readings a batch of every benchmark. */
export const BATCH_READINGS = 128;
const YEAR_SEC = 31_536_000;

export const MACHINE_SECRET = new Uint8Array(32).fill(0x5e);

/** The stations of the weather file. */
export const readWeather = (text: string): DeviceReadings[] =>
  readReadings(text, { file: "weather.csv", ...WEATHER });

/**
 * As many devices as asked for, each with `readingCount` readings: the stations' years over and
 * over, so that every batch costs what a batch of real weather costs.
 */
export function tileWeather(
  stations: readonly DeviceReadings[],
  deviceCount: number,
  readingCount: number,
): DeviceReadings[] {
  return Array.from({ length: deviceCount }, (_, device) => {
    const station = stations[device % stations.length]!;
    const length = station.times.length;
    // Devices begin at different readings: no two send the same batches.
    const source = (i: number): number => (i + device) % length;
    return {
      deviceName: `${station.deviceName} ${device}`,
      metrics: station.metrics,
      times: Float64Array.from(
        { length: readingCount },
        (_, i) => station.times[source(i)]! + YEAR_SEC * Math.floor((i + device) / length),
      ),
      columns: station.columns.map(({ values }) => ({
        values: Float64Array.from({ length: readingCount }, (_, i) => values[source(i)]!),
        present: undefined,
        dictionary: undefined,
      })),
    };
  });
}

/** The inputs of a benchmark: the set-up apart from the batches, one batch an input. */
export interface BenchHistory {
  readonly setup: readonly HistoryInput[];
  readonly batches: readonly HistoryInput[];
  readonly readingCount: number;
  /** Payload bytes of the batches over readings. */
  readonly bytesPerReading: number;
}

/** How a benchmark's readings are cut into inputs. */
interface BenchPlan {
  readonly app: Uint8Array;
  readonly owner: Uint8Array;
  readonly batchSize: number;
  readonly batchesPerInput: number;
  /** Seals the streams, with the key group of each metric. */
  readonly keyGroups?: readonly number[] | undefined;
  readonly setupOperationsPerInput?: number;
}

/** Seals, signs and packs weather readings: the same bytes for the same readings and plan. */
export function encodeWeather(
  crypto: Crypto,
  readings: readonly DeviceReadings[],
  plan: BenchPlan,
): ReturnType<typeof encodeHistory> {
  const unseeded = {
    keyGroups: undefined,
    ...plan,
    chainId: 31_337n,
    machineKey: crypto.x25519PublicKey(MACHINE_SECRET),
    keyType: "ed25519" as const,
    streamName: "weather",
    firstBlockNumber: 1,
    firstTimestampSec: 1_700_000_000,
  };
  const options = { ...unseeded, random: seedHistory("bench", readings, unseeded) };
  return encodeHistory(crypto, readings, createDevices(readings, options), options);
}

/** Encodes a benchmark's history; `keyGroups` and `setupOperationsPerInput` as in a plan. */
export function encodeBenchHistory(
  crypto: Crypto,
  readings: readonly DeviceReadings[],
  keyGroups?: readonly number[],
  setupOperationsPerInput = 64,
): BenchHistory {
  const inputs = [
    ...encodeWeather(crypto, readings, {
      app: new Uint8Array(20).fill(0xaa),
      owner: new Uint8Array(20).fill(0x11),
      batchSize: BATCH_READINGS,
      batchesPerInput: 1,
      keyGroups,
      setupOperationsPerInput,
    }),
  ];
  const setup = inputs.filter(({ readingCount }) => readingCount === 0);
  const batches = inputs.slice(setup.length);
  const readingCount = readings.reduce((sum, { times }) => sum + times.length, 0);
  const byteCount = batches.reduce((sum, { payload }) => sum + payload.length, 0);
  return { setup, batches, readingCount, bytesPerReading: byteCount / readingCount };
}
