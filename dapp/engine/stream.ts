import type { DeclareStream, RotateEpoch } from "../../spec/core-operations.ts";
import { METRIC_VALUE_MAX, NAME_BYTES_MAX, UNIT_BYTES_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Metric } from "../../spec/readings.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { findOwnDevice, findOwnedDevice } from "./device.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { quoteWithSize } from "./quote-text.ts";
import type { Store, StreamRow } from "./store.ts";

export const STREAM_HANDLERS = {
  declare_stream: applyDeclareStream,
  rotate_epoch: applyRotateEpoch,
} satisfies Partial<Handlers>;

/** §3.2 Declares what a device measures, and who can read it. Never changes afterwards. */
function applyDeclareStream(body: DeclareStream, context: OperationContext): Outcome {
  const { store } = context;
  const device = findOwnDevice(store, body.deviceId, context.actor);
  if (isRefused(device)) return device;
  if (!isName(body.name, NAME_BYTES_MAX)) {
    return refuse("stream_name_invalid", `the name ${quoteWithSize(body.name)}`);
  }
  const taken = store.getStreamIdOfName(body.deviceId, body.name);
  if (taken !== undefined) {
    return refuse("stream_name_taken", `device ${body.deviceId} has stream ${taken} of this name`);
  }
  const fault = findMetricsFault(body.metrics);
  if (fault !== undefined) return refuse("stream_metrics_invalid", fault);
  const groupCount = body.isSealed ? body.epochKeyHashes.length : 1;
  if (!body.isSealed && body.epochKeyHashes.length > 0) {
    return refuse(
      "epoch_key_hashes_wrong",
      `${body.epochKeyHashes.length} hashes, an open stream has none`,
    );
  }
  if (!isPartition(body.metrics, groupCount)) {
    return refuse("stream_groups_invalid", `each of ${groupCount} key groups needs a metric`);
  }

  // COMMIT POINT
  const streamId = store.getNextStreamId();
  store.insertStream(
    {
      streamId,
      deviceId: body.deviceId,
      name: body.name,
      visibility: body.isSealed ? "sealed" : "open",
      groupCount,
      epoch: 0,
      nextSequence: 0,
      batchCount: 0,
      readingCount: 0,
      breakCount: 0,
      lastBatchHash: null,
    },
    body.metrics,
  );
  insertKeyHashes(store, streamId, 0, body.epochKeyHashes);
  return [
    encodeNotice("StreamDeclared", [
      BigInt(streamId),
      BigInt(body.deviceId),
      body.isSealed,
      BigInt(groupCount),
      body.name,
    ]),
  ];
}

/** §4.2 Begins the next epoch of a sealed stream under new column keys. */
function applyRotateEpoch(body: RotateEpoch, context: OperationContext): Outcome {
  const { store } = context;
  const stream = findOwnSealedStream(store, body.streamId, context.actor);
  if (isRefused(stream)) return stream;
  const device = findOwnDevice(store, stream.deviceId, context.actor);
  if (isRefused(device)) return device;
  if (body.epoch !== stream.epoch + 1) {
    return refuse("epoch_not_next", `the next epoch is ${stream.epoch + 1}, not ${body.epoch}`);
  }
  if (body.epochKeyHashes.length !== stream.groupCount) {
    return refuse(
      "epoch_key_hashes_wrong",
      `${body.epochKeyHashes.length} hashes for ${stream.groupCount} key groups`,
    );
  }

  // COMMIT POINT
  store.updateStream({ ...stream, epoch: body.epoch });
  insertKeyHashes(store, body.streamId, body.epoch, body.epochKeyHashes);
  return [
    encodeNotice("EpochRotated", [
      BigInt(body.streamId),
      BigInt(body.epoch),
      body.epochKeyHashes.map(hex),
    ]),
  ];
}

/** The sealed stream, if its device is the actor's, revoked or not. */
export function findOwnSealedStream(
  store: Store,
  streamId: number,
  actor: Uint8Array,
): StreamRow | Refused {
  const stream = store.getStream(streamId);
  if (stream === undefined) return refuse("stream_not_found", `stream ${streamId}`);
  const device = findOwnedDevice(store, stream.deviceId, actor);
  if (isRefused(device)) return device;
  if (stream.visibility !== "sealed") return refuse("stream_not_sealed", `stream ${streamId}`);
  return stream;
}

function insertKeyHashes(
  store: Store,
  streamId: number,
  epoch: number,
  keyHashes: readonly Uint8Array[],
): void {
  keyHashes.forEach((keyHash, group) => {
    store.insertEpochKeyHash(streamId, epoch, group, keyHash);
  });
}

const textEncoder = new TextEncoder();

/** §3.2 A name: printable, not empty, within the bound in UTF-8 bytes. */
export function isName(name: string, byteCountMax: number): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  return name !== "" && !/[\u0000-\u001f\u007f]/.test(name) && isShort(name, byteCountMax);
}

function isShort(text: string, byteCountMax: number): boolean {
  return textEncoder.encode(text).length <= byteCountMax;
}

/** What is wrong with a declaration's metrics, if anything (spec §3.2). */
function findMetricsFault(metrics: readonly Metric[]): string | undefined {
  if (metrics.length === 0) return "a stream has at least one metric";
  const names = new Set<string>();
  for (const [index, metric] of metrics.entries()) {
    const { name, unit, kind, scale, minimum, maximum } = metric;
    if (!isName(name, NAME_BYTES_MAX)) return `metric ${index} has no valid name`;
    if (names.has(name)) return `metric ${index} repeats a name`;
    names.add(name);
    if (unit !== "" && !isName(unit, UNIT_BYTES_MAX)) return `metric ${index} has no valid unit`;
    if (kind === "text" && (scale !== 0 || minimum !== 0 || maximum !== 0)) {
      return `metric ${index} is text: scale and bounds are 0`;
    }
    if (minimum > maximum) return `metric ${index} has its minimum above its maximum`;
    if (minimum < -METRIC_VALUE_MAX || maximum > METRIC_VALUE_MAX) {
      return `metric ${index} has bounds beyond ${METRIC_VALUE_MAX}`;
    }
  }
  return undefined;
}

/** True iff every group below `groupCount` has a metric and no metric another group. */
function isPartition(metrics: readonly Metric[], groupCount: number): boolean {
  const groups = new Set(metrics.map((metric) => metric.group));
  return groups.size === groupCount && metrics.every((metric) => metric.group < groupCount);
}
