import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import { getDevelopmentAccount } from "../chain/chain-client.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import type { BenchChain, TimedTransaction } from "./bench-chain.ts";
import { encodeWeather, tileWeather } from "./bench-history.ts";
import { signInputs } from "./sign-inputs.ts";

/** How a load is cut. */
interface NodeLoadPlan {
  readonly deviceCount: number;
  readonly batchesOfDevice: number;
  /** Readings a batch. */
  readonly batchReadings: number;
  /** Batches a gateway packs into one input. */
  readonly inputBatches: number;
  /** Accounts that send in turn; each is a development account from 0 on. */
  readonly senderCount: number;
}

/** The inputs of a load: the set-up, which comes first, and each sender's in its order. */
export interface NodeLoad {
  readonly setup: readonly TimedTransaction[];
  readonly senders: readonly (readonly TimedTransaction[])[];
  /** All of `senders`, in the order of their making. */
  readonly inputs: readonly TimedTransaction[];
  readonly readingCount: number;
}

/**
 * Seals, signs and packs a load of weather readings for an application, and signs its transactions:
 * the same bytes for the same plan and application.
 */
export function encodeNodeLoad(
  crypto: Crypto,
  stations: readonly DeviceReadings[],
  app: Hex,
  plan: NodeLoadPlan,
): NodeLoad {
  const { deviceCount, batchesOfDevice, batchReadings, inputBatches, senderCount } = plan;
  const readings = tileWeather(stations, deviceCount, batchesOfDevice * batchReadings);
  const encoded = encodeWeather(crypto, readings, {
    app: toBytes(app),
    owner: toBytes(getDevelopmentAccount(0).address),
    batchSize: batchReadings,
    batchesPerInput: inputBatches,
  });
  const setup: Uint8Array[] = [];
  const ofSenders = Array.from({ length: senderCount }, (): Uint8Array[] => []);
  let inputCount = 0;
  let readingCount = 0;
  for (const input of encoded) {
    if (input.readingCount === 0) setup.push(input.payload);
    else ofSenders[inputCount++ % senderCount]?.push(input.payload);
    readingCount += input.readingCount;
  }
  const senders = ofSenders.map((payloads, account) =>
    signInputs(account, app, payloads, account === 0 ? setup.length : 0),
  );
  const inputs = Array.from(
    { length: inputCount },
    (_, i) => senders[i % senderCount]![Math.floor(i / senderCount)]!,
  );
  return { setup: signInputs(0, app, setup, 0), senders, inputs, readingCount };
}

/** Has the devices and streams in blocks before anything is measured. */
export async function setUpLoad(chain: BenchChain, { setup }: NodeLoad): Promise<void> {
  await chain.sendAll(setup);
  while ((await chain.countInputs()) < setup.length) await new Promise(setImmediate);
}

const toBytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
