import { computeRangeRoot, EMPTY_RANGE } from "../../spec/batch-range.ts";
import { decodeDid } from "../../spec/device-key.ts";
import { listGroups } from "../../spec/grant-keys.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { invalidField, queryError } from "../../spec/query-errors.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { readPage } from "./query-pages.ts";
import type { GrantRow, Store, StreamRow } from "./store.ts";

/** Queries of devices, streams and grants by name (spec §9). */
export const DEVICE_QUERIES = {
  device: getDevice,
  devices: listDevices,
  stream: getStream,
  streams: listStreams,
  grants: listGrants,
} satisfies Partial<Queries>;

/** By number, or by any key that it ever had. */
function getDevice({ store }: EngineParts, asked: AskedOf<"device">): AnswerOf<"device"> {
  let deviceId: number | undefined;
  if (asked.has("did")) {
    const key = decodeDid(asked.did);
    if (key === undefined) throw invalidField("did", "is no canonical did:key");
    deviceId = store.deviceKeys.get(key)?.deviceId;
  } else deviceId = asked.deviceId;
  const device = deviceId === undefined ? undefined : store.devices.get(deviceId);
  if (device === undefined) throw queryError("device_not_found", "no such device");
  return device;
}

/** By identifier. */
function listDevices({ store }: EngineParts, asked: AskedOf<"devices">): AnswerOf<"devices"> {
  const { rows, next } = readPage(store.devices, { owner: asked.owner }, "deviceId", asked);
  return { devices: rows, next };
}

function getStream({ store, crypto }: EngineParts, asked: AskedOf<"stream">): AnswerOf<"stream"> {
  const stream = findStream(store, asked);
  const { epoch = stream.epoch } = asked;
  const keyHashes: Uint8Array[] = [];
  for (let group = 0; group < stream.groupCount && stream.visibility === "sealed"; group++) {
    const hash = store.epochKeys.get(stream.streamId, epoch, group)?.keyHash;
    if (hash !== undefined) keyHashes.push(hash);
  }
  const range = store.streamRanges.get(stream.streamId) ?? EMPTY_RANGE;
  return {
    ...{ ...stream, metrics: describeMetrics(store, stream), keyHashes },
    foldedCount: range.foldedCount,
    rangeRoot: computeRangeRoot(crypto, range) ?? null,
  };
}

/** By identifier. */
function listStreams({ store }: EngineParts, asked: AskedOf<"streams">): AnswerOf<"streams"> {
  const { rows, next } = readPage(store.streams, { deviceId: asked.deviceId }, "streamId", asked);
  return { streams: rows, next };
}

/** `isLive` only where `now` is given. */
function listGrants({ store }: EngineParts, asked: AskedOf<"grants">): AnswerOf<"grants"> {
  const { buyer, nowSec } = asked;
  const { rows, next } = readPage(store.grants, { buyer }, "grantId", asked);
  return { grants: rows.map((grant) => describeGrant(store, grant, nowSec)), next };
}

/** How a query names a stream. */
export type AskedStream = Pick<AskedOf<"stream">, "streamId" | "deviceId" | "name"> & {
  has(name: "name"): boolean;
};

/** The stream that a query names. */
export function findStream(store: Store, asked: AskedStream): StreamRow {
  const stream = asked.has("name")
    ? store.streams.find({ deviceId: asked.deviceId, name: asked.name })
    : store.streams.get(asked.streamId);
  if (stream === undefined) throw queryError("stream_not_found", "no such stream");
  return stream;
}

export const describeMetrics = (store: Store, { streamId }: StreamRow) =>
  store.getMetrics(streamId).map(({ group, ...metric }) => ({ ...metric, keyGroup: group }));

function describeGrant(store: Store, grant: GrantRow, nowSec: number | undefined) {
  const isLive = nowSec === undefined ? undefined : !grant.isRevoked && nowSec < grant.expiresAtSec;
  const keyHashes = listGroups(grant.groups).map(
    (group) => store.epochKeys.get(grant.streamId, grant.epoch, group)?.keyHash ?? null,
  );
  return { ...grant, isLive, keyHashes };
}
