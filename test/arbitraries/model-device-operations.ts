import { deriveBatchKey, encodeBatchContext, previousHashOf } from "../../spec/batch.ts";
import { NOT_BROUGHT } from "../../spec/core-operations.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import type { Row } from "../../spec/model-rows.ts";
import type { Operation } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { type BatchDraft, sealBatch } from "../../spec/seal-batch.ts";
import { sealFaulty } from "./faults.ts";
import { rememberingCrypto as crypto, signAsDevice } from "./model-crypto.ts";
import { type ActorOperation, bytesOf, fill, hexOf, PLACE, type View } from "./model-view.ts";
import { MACHINE_KEY, PEOPLE, possessionOf, signerAt } from "./shared-keys.ts";
import { integers, metric } from "./world.ts";

/** Operations on devices, streams, grants and batches. */

const METRICS: readonly Metric[] = [
  metric("temperature", { unit: "Cel", scale: 2, minimum: -5_000, maximum: 9_000 }),
  metric("humidity", { unit: "%RH", minimum: 0, maximum: 100 }),
];
/** Every third shared key is of P-256, which is slow to sign with; the histories have it. */
const SIGNERS: readonly number[] = [0, 2, 3, 5, 6, 8, 9, 11, 12, 14];
/** A batch has a salt of its own; its ephemeral key may be one of few, which saves a scalar product. */
const EPHEMERAL_COUNT = 4;
const FAULTS = ["ciphertext_broken", "columns_malformed", "root_differs"] as const;

export function registerDevice(v: View): ActorOperation {
  const owner = v.anybody;
  const index = v.rng.pick(SIGNERS);
  const possession = possessionOf(v.rng.chance(15) ? v.anybody : owner, index);
  return { actor: owner, body: { kind: "register_device", key: signerAt(index).key, possession } };
}

export function rotateDeviceKey(v: View): ActorOperation | undefined {
  const device = v.row("devices");
  if (device === undefined) return undefined;
  const actor = v.mostly(device.owner);
  const index = v.rng.pick(SIGNERS);
  const deviceId = v.near(device.device_id);
  const possession = possessionOf(actor, index);
  const body = {
    kind: "rotate_device_key",
    deviceId,
    key: signerAt(index).key,
    possession,
  } as const;
  return { actor, body };
}

export function revokeDevice(v: View): ActorOperation | undefined {
  const device = v.row("devices", (row) => row.device_id > 2 || v.rng.chance(6));
  if (device === undefined) return undefined;
  const body = { kind: "revoke_device", deviceId: v.near(device.device_id) } as const;
  return { actor: v.mostly(device.owner), body };
}

/** An epoch's keys follow from its place, so that no state is kept beside the model's. */
const epochKey = (streamId: number, epoch: number, group: number): Uint8Array =>
  fill(1 + streamId * 40 + epoch * 8 + group);
const keyHashes = (streamId: number, epoch: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, group) =>
    computeEpochKeyHash(crypto, epochKey(streamId, epoch, group)),
  );

export function declareStream(v: View): ActorOperation | undefined {
  const device = v.row("devices");
  if (device === undefined) return undefined;
  const isSealed = v.rng.chance(2);
  const groupCount = isSealed ? 1 + v.rng.below(2) : 1;
  const metrics = METRICS.map((each, i) => ({ ...each, group: v.near(i % groupCount) }));
  const hashes = keyHashes(v.list("streams").length + 1, 0, groupCount);
  const body = {
    kind: "declare_stream",
    deviceId: v.near(device.device_id),
    name: v.rng.chance(15) ? "" : `stream ${v.rng.below(9)}`,
    isSealed,
    retentionSec: v.rng.pick([0, 0, 0, 1, 4, 15, 60, 300]),
    metrics: v.rng.chance(15) ? metrics.map((each) => ({ ...each, name: "x" })) : metrics,
    epochKeyHashes: isSealed !== v.rng.chance(15) ? hashes : [],
  } as const;
  return { actor: v.mostly(device.owner), body };
}

function ownerOf(v: View, stream: Row<"streams">) {
  return v.mostly(v.model.state.get("devices", stream.device_id)!.owner);
}

export function rotateEpoch(v: View): ActorOperation | undefined {
  const stream = v.row("streams", (row) => row.visibility === "sealed" || v.rng.chance(8));
  if (stream === undefined) return undefined;
  const epoch = v.near(stream.epoch + 1);
  const epochKeyHashes = keyHashes(stream.stream_id, epoch, v.near(stream.group_count));
  const body = {
    kind: "rotate_epoch",
    streamId: v.near(stream.stream_id),
    epoch,
    epochKeyHashes,
  } as const;
  return { actor: ownerOf(v, stream), body };
}

export function registerEncryptionKey(v: View): ActorOperation {
  const actor = v.anybody;
  const key = v.rng.chance(8) ? fill(0) : actor.encryptionKey;
  return { actor, body: { kind: "register_encryption_key", key } };
}

export function grant(v: View): ActorOperation | undefined {
  const stream = v.row("streams", (row) => row.visibility === "sealed" || v.rng.chance(8));
  return stream && grantOn(v, stream, v.anybody.address);
}

export function grantOn(v: View, stream: Row<"streams">, buyer: Uint8Array): ActorOperation {
  const all = 2 ** stream.group_count - 1;
  const groups = v.near(v.rng.chance(2) ? all : 1 + v.rng.below(all));
  const bits = [...groups.toString(2)].filter((bit) => bit === "1").length;
  const body = {
    kind: "grant",
    streamId: v.near(stream.stream_id),
    epoch: v.near(v.rng.chance(4) ? v.rng.below(stream.epoch + 1) : stream.epoch),
    groups,
    buyer,
    expiresAtSec: v.at.timestampSec + v.rng.pick([-1, 0, 5, 40, 100_000, 100_000]),
    wrappedKeys: new Uint8Array(32 + 48 * v.near(bits)),
  } as const;
  return { actor: ownerOf(v, stream), body };
}

export function revokeGrant(v: View): ActorOperation | undefined {
  const row = v.row("grants");
  if (row === undefined) return undefined;
  const stream = v.model.state.get("streams", row.stream_id)!;
  const { stream_id: streamId, epoch } = row;
  const body = {
    kind: "revoke_grant",
    streamId,
    epoch: v.near(epoch),
    buyer: bytesOf(row.buyer),
  } as const;
  return { actor: ownerOf(v, stream), body };
}

export function challenge(v: View): ActorOperation | undefined {
  const streamOf = (row: Row<"batches">) => v.model.state.get("streams", row.stream_id)!;
  const batch = v.row("batches", (row) => {
    return streamOf(row).visibility === "sealed" || v.rng.chance(8);
  });
  if (batch === undefined) return undefined;
  const stream = streamOf(batch);
  const group = v.near(v.rng.below(stream.group_count));
  const kept = v.seenBodies.get(batch.batch_id)!;
  const [salt, body] = [bytesOf(kept.salt), bytesOf(kept.body)];
  const context = encodeBatchContext({
    ...{
      ...PLACE,
      deviceId: stream.device_id,
      streamId: stream.stream_id,
      epoch: batch.epoch,
      salt,
    },
    ...{ firstSequence: batch.first_sequence, count: batch.reading_count },
  });
  const key = epochKey(stream.stream_id, batch.epoch, v.near(group));
  const batchKey = deriveBatchKey(crypto, key, group, salt, context);
  const batchId = v.near(batch.batch_id);
  const isArchived = v.model.state.get("batch_bodies", batch.batch_id) === undefined;
  const isBrought = v.rng.chance(12) ? !isArchived : isArchived;
  const brought = isBrought ? { salt, body: v.rng.chance(12) ? body.subarray(1) : body } : {};
  return {
    actor: v.anybody,
    body: { kind: "challenge", batchId, group, batchKey, ...NOT_BROUGHT, ...brought },
  };
}

/** A batch of one to three readings, honest or, of a sealed stream, now and then false. */
export function submit(v: View, wanted?: number): Operation | undefined {
  const stream = v.row("streams", (row) => wanted === undefined || row.stream_id === wanted);
  if (stream === undefined) return undefined;
  const { rng } = v;
  const device = v.model.state.get("devices", stream.device_id)!;
  const signers = SIGNERS.map(signerAt);
  const signer = signers.find((each) => hexOf(each.key) === device.key);
  const metrics = v
    .list("metrics")
    .filter((row) => row.stream_id === stream.stream_id)
    .map((row) => ({ ...row, kind: "integer", group: row.key_group }) as const);
  if (signer === undefined || metrics.length === 0) return undefined;
  const count = 1 + rng.below(3);
  const breakFloor = rng.chance(12) ? v.near(stream.next_sequence) : 0;
  const isSealed = stream.visibility === "sealed";
  const epoch = v.near(stream.epoch);
  const keys = Array.from({ length: stream.group_count }, (_, i) =>
    epochKey(stream.stream_id, epoch, i),
  );
  const draft: BatchDraft = {
    ...{ ...PLACE, deviceId: stream.device_id, streamId: v.near(stream.stream_id), epoch },
    firstSequence: v.near(stream.next_sequence + rng.below(2)),
    ...{ count, salt: rng.bytes(16), metrics },
    times: Float64Array.from({ length: count }, () => v.at.timestampSec - rng.below(12)),
    columns: metrics.map(({ minimum, maximum }) =>
      integers(
        ...Array.from({ length: count }, () =>
          rng.chance(9) ? null : rng.between(Math.max(minimum, 0), maximum),
        ),
      ),
    ),
    previousHash: previousHashOf(
      breakFloor,
      stream.last_batch_hash === null ? null : bytesOf(stream.last_batch_hash),
    ),
    epochKeys: isSealed ? keys : undefined,
  };
  const secret = fill(0xe0 + rng.below(EPHEMERAL_COUNT));
  const batch =
    isSealed && rng.chance(3)
      ? sealFaulty(
          crypto,
          draft,
          keys,
          rng.pick(FAULTS),
          rng.below(keys.length),
          MACHINE_KEY,
          secret,
        )
      : sealBatch(crypto, draft, MACHINE_KEY, secret);
  const signature = signAsDevice(rng.chance(20) ? signerAt(0) : signer, batch.signedBytes);
  const { streamId, firstSequence } = draft;
  const body = { streamId, epoch, firstSequence, count, breakFloor, sealed: batch.sealed };
  return { authorization: { by: "device", signature }, body: { kind: "submit", ...body } };
}

export function transfer(v: View): ActorOperation {
  const [actor, token] = [v.anybody, v.token];
  const to = v.rng.chance(12) ? new Uint8Array(20) : v.anybody.address;
  const amount = v.amount(v.balance(actor, token) / 2n);
  return { actor, body: { kind: "transfer", token, to, amount } };
}

export function withdraw(v: View): ActorOperation {
  const [actor, token] = [v.anybody, v.token];
  const recipient = v.rng.pick([...PEOPLE.map(({ address }) => address), PLACE.app]);
  const amount = v.amount(v.balance(actor, token) / 6n);
  return { actor, body: { kind: "withdraw", token, recipient, amount } };
}

export function pokeRetention(v: View): ActorOperation {
  return { actor: v.anybody, body: { kind: "poke_retention" } };
}

export function setLowBalance(v: View): ActorOperation {
  const [actor, token] = [v.anybody, v.token];
  const threshold = v.amount(v.balance(actor, token));
  return { actor, body: { kind: "set_low_balance", token, threshold } };
}

export const withdrawBond = (v: View): ActorOperation => ({
  ...{ actor: v.anybody, body: { kind: "withdraw_bond" } },
});
