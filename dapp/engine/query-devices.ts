import { decodeDid } from "../../spec/device-key.ts";
import { listGroups } from "../../spec/grant-keys.ts";
import { COUNTER_MAX, PAGE_ITEMS_MAX } from "../../spec/limits.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import {
  type Answer,
  invalid,
  type Queries,
  type QueryFields,
  queryError,
} from "./query-fields.ts";
import type { DeviceRow, GrantRow, Store, StreamRow } from "./store.ts";

/** Queries of devices, streams and grants by name (spec §9). */
export const DEVICE_QUERIES: Queries = {
  device: getDevice,
  devices: listDevices,
  stream: getStream,
  streams: listStreams,
  grants: listGrants,
};

/** `{device_id}` or `{did}` (any key it ever had) → the device. */
function getDevice({ store }: EngineParts, fields: QueryFields): Answer {
  let deviceId: number | undefined;
  if (fields.has("did")) {
    const key = decodeDid(fields.text("did"));
    if (key === undefined) throw invalid("did", "is no canonical did:key");
    deviceId = store.deviceKeys.get(key)?.deviceId;
  } else deviceId = fields.count("device_id");
  const device = deviceId === undefined ? undefined : store.devices.get(deviceId);
  if (device === undefined) throw queryError("device_not_found", "no such device");
  return describeDevice(device);
}

/** `{owner, after?, limit?}` → the owner's devices, by identifier. */
function listDevices({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const after = fields.count("after", 0);
  const owner = fields.address("owner");
  const devices = store.devices.list({ owner }, { by: "deviceId", from: { after }, limit });
  return { devices: devices.map(describeDevice), next: nextOf(devices, limit, "deviceId") };
}

/** `{stream_id, epoch?}` or `{device_id, name}` → the stream, its metrics and an epoch's hashes. */
function getStream({ store }: EngineParts, fields: QueryFields): Answer {
  const stream = findStream(store, fields);
  const epoch = fields.count("epoch", stream.epoch);
  const hashes: string[] = [];
  for (let group = 0; group < stream.groupCount && stream.visibility === "sealed"; group++) {
    const hash = store.epochKeys.get(stream.streamId, epoch, group)?.keyHash;
    if (hash !== undefined) hashes.push(hex(hash));
  }
  return { ...describeStream(stream), metrics: describeMetrics(store, stream), key_hashes: hashes };
}

/** `{device_id, after?, limit?}` → the device's streams, by identifier. */
function listStreams({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const after = fields.count("after", 0);
  const deviceId = fields.count("device_id");
  const streams = store.streams.list({ deviceId }, { by: "streamId", from: { after }, limit });
  return { streams: streams.map(describeStream), next: nextOf(streams, limit, "streamId") };
}

/** `{buyer, now?, after?, limit?}` → the buyer's grants; `is_live` only where `now` is given. */
function listGrants({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const buyer = fields.address("buyer");
  const after = fields.count("after", 0);
  const grants = store.grants.list({ buyer }, { by: "grantId", from: { after }, limit });
  const now = fields.has("now") ? fields.count("now") : undefined;
  return {
    grants: grants.map((grant) => describeGrant(store, grant, now)),
    next: nextOf(grants, limit, "grantId"),
  };
}

/** The stream that a query names. */
export function findStream(store: Store, fields: QueryFields): StreamRow {
  const stream = fields.has("name")
    ? store.streams.find({ deviceId: fields.count("device_id"), name: fields.text("name") })
    : store.streams.get(fields.count("stream_id"));
  if (stream === undefined) throw queryError("stream_not_found", "no such stream");
  return stream;
}

/** The cursor of the page behind a full one; `null` behind the last. */
function nextOf<Row>(rows: readonly Row[], limit: number, id: keyof Row): unknown {
  return rows.length < limit ? null : (rows.at(-1)?.[id] ?? COUNTER_MAX);
}

function describeDevice(device: DeviceRow): Answer {
  return {
    device_id: device.deviceId,
    owner: hex(device.owner),
    did: device.did,
    key_count: device.keyCount,
    is_revoked: device.isRevoked,
  };
}

function describeStream(stream: StreamRow): Answer {
  return {
    stream_id: stream.streamId,
    device_id: stream.deviceId,
    name: stream.name,
    visibility: stream.visibility,
    group_count: stream.groupCount,
    epoch: stream.epoch,
    next_sequence: stream.nextSequence,
    batch_count: stream.batchCount,
    reading_count: stream.readingCount,
    break_count: stream.breakCount,
    last_batch_hash: stream.lastBatchHash === null ? null : hex(stream.lastBatchHash),
  };
}

export function describeMetrics(store: Store, stream: StreamRow): readonly Answer[] {
  return store.getMetrics(stream.streamId).map(({ group, ...metric }) => ({
    ...metric,
    key_group: group,
  }));
}

function describeGrant(store: Store, grant: GrantRow, nowSec: number | undefined): Answer {
  const hashes = listGroups(grant.groups).map((group) => {
    const hash = store.epochKeys.get(grant.streamId, grant.epoch, group)?.keyHash;
    return hash === undefined ? null : hex(hash);
  });
  const isLive = nowSec !== undefined && !grant.isRevoked && nowSec < grant.expiresAtSec;
  return {
    grant_id: grant.grantId,
    stream_id: grant.streamId,
    epoch: grant.epoch,
    buyer: hex(grant.buyer),
    groups: grant.groups,
    expires_at: grant.expiresAtSec,
    is_revoked: grant.isRevoked,
    ...(nowSec === undefined ? {} : { is_live: isLive }),
    wrapped_keys: hex(grant.wrappedKeys),
    key_hashes: hashes,
  };
}
