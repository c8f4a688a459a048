import { METRIC_VALUE_MAX, NAME_BYTES_MAX, UNIT_BYTES_MAX } from "../../spec/limits.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { type Fault, isRefused, type Refused, refuse, refuseFirst } from "../../spec/refusals.ts";
import { measureText } from "./clip-text.ts";
import { findOwnDevice, findOwnedDevice } from "./manage-devices.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { openFacts } from "./provider-facts.ts";
import { noteMade } from "./resolve-references.ts";
import type { Store, StreamRow } from "./store.ts";

export const STREAM_HANDLERS = {
  declare_stream: applyDeclareStream,
  rotate_epoch: applyRotateEpoch,
} satisfies Partial<Handlers>;

/** §3.2 Declares what a device measures, and who can read it. Never changes afterwards. */
function applyDeclareStream(body: BodyOf<"declare_stream">, context: OperationContext): Outcome {
  const { store } = context;
  const device = findOwnDevice(body.deviceId, context);
  if (isRefused(device)) return device;
  if (!isName(body.name, NAME_BYTES_MAX)) {
    const detail = 'the name "{text}" of {byteCount} bytes';
    return refuse("stream_name_invalid", detail, measureText(body.name));
  }
  const { deviceId, name } = body;
  const taken = store.streams.find({ deviceId, name })?.streamId;
  if (taken !== undefined) {
    const detail = "device {deviceId} has stream {streamId} of this name";
    return refuse("stream_name_taken", detail, { ...device, streamId: taken });
  }
  const fault = findMetricsFault(body.metrics);
  if (fault !== undefined) return fault;
  const hashCount = body.epochKeyHashes.length;
  const groupCount = body.isSealed ? hashCount : 1;
  if (!body.isSealed && hashCount > 0) {
    const detail = "{hashCount} hashes, an open stream has none";
    return refuse("epoch_key_hashes_wrong", detail, { hashCount });
  }
  if (!isPartition(body.metrics, groupCount)) {
    const detail = "each of {groupCount} key groups needs a metric";
    return refuse("stream_groups_invalid", detail, { groupCount });
  }

  // COMMIT POINT
  const streamId = store.streams.nextId();
  store.streams.insert({
    streamId,
    deviceId,
    name,
    visibility: body.isSealed ? "sealed" : "open",
    groupCount,
    retentionSec: body.retentionSec,
    epoch: 0,
    nextSequence: 0,
    keptFrom: 0,
    foldedFrom: 0,
    tidyDueSec: null,
    batchCount: 0,
    readingCount: 0,
    breakCount: 0,
    lastBatchHash: null,
  });
  for (const [metricIndex, metric] of body.metrics.entries()) {
    store.metrics.insert({ streamId, metricIndex, ...metric });
  }
  insertKeyHashes(store, streamId, 0, body.epochKeyHashes);
  // A challenge of a batch counts there.
  if (body.isSealed) openFacts(store, device.owner);
  noteMade(context, "stream", streamId);
  const { isSealed, retentionSec } = body;
  return [
    encodeNotice("StreamDeclared", [streamId, deviceId, isSealed, groupCount, retentionSec, name]),
  ];
}

/** §4.2 Begins the next epoch of a sealed stream under new column keys. */
function applyRotateEpoch(body: BodyOf<"rotate_epoch">, context: OperationContext): Outcome {
  const { store } = context;
  const stream = findOwnSealedStream(body.streamId, context);
  if (isRefused(stream)) return stream;
  const device = findOwnDevice(stream.deviceId, context);
  if (isRefused(device)) return device;
  if (body.epoch !== stream.epoch + 1) {
    const values = { nextEpoch: stream.epoch + 1, epoch: body.epoch };
    return refuse("epoch_not_next", "the next epoch is {nextEpoch}, not {epoch}", values);
  }
  if (body.epochKeyHashes.length !== stream.groupCount) {
    const detail = "{hashCount} hashes for {groupCount} key groups";
    const hashCount = body.epochKeyHashes.length;
    return refuse("epoch_key_hashes_wrong", detail, { ...stream, hashCount });
  }

  // COMMIT POINT
  store.streams.update({ ...stream, epoch: body.epoch });
  insertKeyHashes(store, body.streamId, body.epoch, body.epochKeyHashes);
  return [encodeNotice("EpochRotated", [body.streamId, body.epoch, body.epochKeyHashes])];
}

/** The sealed stream, if its device is the actor's, revoked or not. */
export function findOwnSealedStream(
  streamId: number,
  context: OperationContext,
): StreamRow | Refused {
  const stream = context.store.streams.get(streamId);
  if (stream === undefined) return refuse("stream_not_found", "stream {streamId}", { streamId });
  const device = findOwnedDevice(stream.deviceId, context);
  if (isRefused(device)) return device;
  if (stream.visibility !== "sealed")
    return refuse("stream_not_sealed", "stream {streamId}", stream);
  return stream;
}

function insertKeyHashes(
  store: Store,
  streamId: number,
  epoch: number,
  keyHashes: readonly Uint8Array[],
): void {
  keyHashes.forEach((keyHash, group) => {
    store.epochKeys.insert({ streamId, epoch, group, keyHash });
  });
}

const textEncoder = new TextEncoder();

/** §3.2 A name: printable, not empty, within the bound in UTF-8 bytes. */
export function isName(name: string, byteCountMax: number): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  const isPrintable = name !== "" && !/[\u0000-\u001f\u007f]/.test(name);
  return isPrintable && textEncoder.encode(name).length <= byteCountMax;
}

/** What is wrong with a declaration's metrics, if anything (spec §3.2). */
function findMetricsFault(metrics: readonly Metric[]): Refused | undefined {
  const wrong = "stream_metrics_invalid";
  if (metrics.length === 0) return refuse(wrong, "a stream has at least one metric");
  const names = new Set<string>();
  for (const [metric, { name, unit, kind, scale, minimum, maximum }] of metrics.entries()) {
    const isUnit = unit === "" || isName(unit, UNIT_BYTES_MAX);
    const isScaled = scale !== 0 || minimum !== 0 || maximum !== 0;
    const isWide = minimum < -METRIC_VALUE_MAX || maximum > METRIC_VALUE_MAX;
    const faults: readonly Fault[] = [
      [!isName(name, NAME_BYTES_MAX), "metric {metric} has no valid name"],
      [names.has(name), "metric {metric} repeats a name"],
      [!isUnit, "metric {metric} has no valid unit"],
      [kind === "text" && isScaled, "metric {metric} is text: scale and bounds are 0"],
      [minimum > maximum, "metric {metric} has its minimum above its maximum"],
      [isWide, "metric {metric} has bounds beyond {valueMax}"],
    ];
    const fault = refuseFirst(wrong, faults, { metric, valueMax: METRIC_VALUE_MAX });
    if (fault !== undefined) return fault;
    names.add(name);
  }
  return undefined;
}

/** True iff every group below `groupCount` has a metric and no metric another group. */
function isPartition(metrics: readonly Metric[], groupCount: number): boolean {
  const groups = new Set(metrics.map((metric) => metric.group));
  return groups.size === groupCount && metrics.every((metric) => metric.group < groupCount);
}
