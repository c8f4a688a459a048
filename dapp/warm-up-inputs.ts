import { createPrivateKey, createPublicKey, sign as signEd25519 } from "node:crypto";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "../spec/crypto.ts";
import { encodePossessionMessage, joinDeviceKey } from "../spec/device-key.ts";
import { encodePlainEnvelope } from "../spec/envelope.ts";
import { computeEpochKeyHash } from "../spec/grant-keys.ts";
import type { InputContext } from "../spec/input.ts";
import type { Operation, OperationBody } from "../spec/operations.ts";
import { ETHER, PORTALS } from "../spec/portals.ts";
import type { Column, Metric } from "../spec/readings.ts";
import { sealBatch } from "../spec/seal-batch.ts";

const CHAIN_ID = 31337n;
const APP = new Uint8Array(20).fill(0xaa);
const OWNER = new Uint8Array(20).fill(0x11);
const BATCH_READINGS = 128;
const METRIC_COUNT = 6;

/**
 * Made-up inputs that walk the paths real ones will take: deposits, a device, an open and a sealed
 * stream, batches, transfers, refusals. They are sealed to this machine's key under secrets that
 * everybody knows, and the state is reset after them, so they protect nothing and leave nothing.
 *
 * @param batchCount How many batches; after some 200 the engine's code is compiled.
 */
export function* createWarmUpInputs(
  crypto: Crypto,
  machineKey: Uint8Array,
  batchCount: number,
): Generator<{ readonly at: InputContext; readonly payload: Uint8Array }> {
  let inputIndex = 0;
  const toInput = (payload: Uint8Array, sender = OWNER) => ({
    at: {
      chainId: CHAIN_ID,
      app: APP,
      sender,
      blockNumber: inputIndex,
      timestampSec: inputIndex,
      prevRandao: new Uint8Array(32),
      inputIndex: inputIndex++,
    },
    payload,
  });
  const bySender = (...bodies: OperationBody[]) =>
    toInput(encodePlainEnvelope(bodies.map((body) => ({ authorization: { by: "sender" }, body }))));

  const deposit = new Uint8Array(52);
  deposit.set(OWNER);
  deposit[51] = 0xff;
  yield toInput(deposit, hexToBytes(PORTALS.ether));

  const device = createWarmUpDevice();
  const possession = device.sign(
    encodePossessionMessage({ chainId: CHAIN_ID, app: APP }, OWNER, device.key),
  );
  yield bySender({ kind: "register_device", key: device.key, possession });
  const epochKey = new Uint8Array(32).fill(7);
  const epochKeyHashes = [computeEpochKeyHash(crypto, epochKey)];
  const common = { deviceId: 1, metrics: METRICS, retentionSec: 0 } as const;
  const declaration = { kind: "declare_stream", ...common } as const;
  yield bySender(
    { ...declaration, name: "open", isSealed: false, epochKeyHashes: [] },
    { ...declaration, name: "sealed", isSealed: true, epochKeyHashes },
    { kind: "transfer", token: ETHER, to: APP, amount: 1n },
    { kind: "withdraw", token: ETHER, recipient: OWNER, amount: 1n },
  );

  const previous = new Map<number, Uint8Array>();
  for (let i = 0; i < batchCount; i++) {
    // Every eighth batch is sealed: the open ones are the dearer and the commoner.
    const streamId = i % 8 === 7 ? 2 : 1;
    const firstSequence = i * BATCH_READINGS;
    const { times, columns } = makeReadings(i);
    const batch = sealBatch(
      crypto,
      {
        chainId: CHAIN_ID,
        app: APP,
        deviceId: 1,
        streamId,
        epoch: 0,
        firstSequence,
        count: BATCH_READINGS,
        salt: crypto.sha256(utf8ToBytes(`salt ${i}`)).subarray(0, 16),
        metrics: METRICS,
        times,
        columns,
        previousHash: previous.get(streamId) ?? new Uint8Array(32),
        epochKeys: streamId === 2 ? [epochKey] : undefined,
      },
      machineKey,
      crypto.sha256(utf8ToBytes(`ephemeral ${i}`)),
    );
    previous.set(streamId, batch.batchHash);
    const operation: Operation = {
      authorization: { by: "device", signature: device.sign(batch.signedBytes) },
      body: {
        kind: "submit",
        streamId,
        epoch: 0,
        firstSequence,
        count: BATCH_READINGS,
        breakFloor: 0,
        sealed: batch.sealed,
      },
    };
    const payload = encodePlainEnvelope([operation]);
    yield toInput(payload);
    // The same again is a replay: the way of a refused input.
    if (i % 16 === 0) yield toInput(payload);
  }
}

const METRICS: readonly Metric[] = Array.from({ length: METRIC_COUNT }, (_, i) => ({
  name: `metric ${i}`,
  unit: "",
  kind: "integer" as const,
  scale: i % 3,
  minimum: -(2 ** 40),
  maximum: 2 ** 40,
  group: 0,
}));

/** Walks of differing roughness, so that every predictor of the columns is taken. */
function makeReadings(batch: number): { times: Float64Array; columns: Column[] } {
  const times = new Float64Array(BATCH_READINGS);
  const columns = METRICS.map(() => new Float64Array(BATCH_READINGS));
  let noise = batch + 1;
  for (let i = 0; i < BATCH_READINGS; i++) {
    times[i] = 1_600_000_000 + 3_600 * (batch * BATCH_READINGS + i);
    for (let m = 0; m < METRIC_COUNT; m++) {
      // A linear congruential step below 2^31: exact in a double.
      noise = (noise * 1_103 + 12_345) % 2_147_483_647;
      const step = (noise % (2 << (2 * m))) - (1 << (2 * m));
      columns[m]![i] = m % 2 === 0 ? step : (columns[m]![i - 1] ?? 0) + step;
    }
  }
  const present = undefined;
  return {
    times,
    columns: columns.map((values) => ({ values, present, dictionary: undefined })),
  };
}

/** A device whose secret is published right here. */
function createWarmUpDevice(): { key: Uint8Array; sign(message: Uint8Array): Uint8Array } {
  const seed = Buffer.alloc(32, 0x5a);
  // PKCS #8 of an Ed25519 seed (RFC 8410).
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  const raw = Uint8Array.from(Buffer.from(x ?? "", "base64url"));
  return {
    key: joinDeviceKey({ type: "ed25519", raw }),
    sign: (message) => Uint8Array.from(signEd25519(null, message, privateKey)),
  };
}
