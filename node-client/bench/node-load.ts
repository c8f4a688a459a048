import * as libsecp256k1 from "tiny-secp256k1";
import { bytesToHex, encodeFunctionData, hexToBytes, keccak256, serializeTransaction } from "viem";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import { getDevelopmentAccount } from "../chain/chain-client.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../chain/contracts.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import type { BenchChain, TimedTransaction } from "./bench-chain.ts";
import { encodeWeather, tileWeather } from "./bench-history.ts";

const CHAIN_ID = 31_337;
/** Paid whatever the base fee grows to within a minute of full blocks. */
const GAS_PRICE = 100_000_000_000n;
/** A call's fixed part and the InputBox's, with room; calldata comes on top. */
const GAS_BASE = 120_000n;
const GAS_PER_BYTE = 48n;

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
    app: hexToBytes(app),
    owner: hexToBytes(getDevelopmentAccount(0).address),
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

/**
 * Signs `addInput` calls of one development account, ahead of a measurement: by libsecp256k1, a
 * tenth of a millisecond each.
 *
 * @param account The number of the development account.
 */
function signInputs(
  account: number,
  app: Hex,
  payloads: readonly Uint8Array[],
  firstNonce: number,
): TimedTransaction[] {
  const secret = getDevelopmentAccount(account).getHdKey().privateKey;
  if (secret === null) throw new Error("a development account has a key");
  return payloads.map((payload, i) => {
    const data = encodeFunctionData({
      abi: INPUT_BOX_ABI,
      functionName: "addInput",
      args: [app, bytesToHex(payload)],
    });
    const transaction = {
      type: "legacy",
      chainId: CHAIN_ID,
      nonce: firstNonce + i,
      gas: GAS_BASE + GAS_PER_BYTE * BigInt(payload.length + 128),
      gasPrice: GAS_PRICE,
      to: CONTRACTS.inputBox,
      data,
    } as const;
    const digest = hexToBytes(keccak256(serializeTransaction(transaction)));
    const { signature, recoveryId } = libsecp256k1.signRecoverable(digest, secret);
    const raw = serializeTransaction(transaction, {
      r: bytesToHex(signature.subarray(0, 32)),
      s: bytesToHex(signature.subarray(32)),
      v: BigInt(2 * CHAIN_ID + 35 + recoveryId),
    });
    return { raw, sentAtMs: 0 };
  });
}
