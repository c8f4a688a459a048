import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  encodeDid,
  encodePossessionMessage,
  isDeviceKey,
  splitDeviceKey,
  verifyDeviceSignature,
} from "./device-key.ts";
import {
  KEY_GROUPS_MAX,
  METRIC_VALUE_MAX,
  NAME_BYTES_MAX,
  SCALE_MAX,
  UNIT_BYTES_MAX,
} from "./limits.ts";
import { demand, demandFound, type ModelAct, type ModelRules } from "./model-act.ts";
import { openFacts } from "./model-facts.ts";
import { openAccount } from "./model-money.ts";
import type { Row } from "./model-rows.ts";
import { bytes, hex } from "./model-state.ts";
import type { BodyOf } from "./operations.ts";
import type { Metric } from "./readings.ts";

/** Devices, their streams and epochs (spec §3.1, §3.2, §4.2). */

export const DEVICE_RULES = {
  register_device: registerDevice,
  rotate_device_key: rotateDeviceKey,
  revoke_device: revokeDevice,
  declare_stream: declareStream,
  rotate_epoch: rotateEpoch,
} satisfies Partial<ModelRules>;

/** A key that may become a device's, and the proof that the device agrees to its owner. */
function checkKey(act: ModelAct, body: { key: Uint8Array; possession: Uint8Array }): string {
  const key = demandFound(splitDeviceKey(body.key), "device_key_invalid");
  demand(act.state.get("device_keys", hex(body.key)) === undefined, "device_key_used");
  act.budget.spendSignature();
  demand(isDeviceKey(act.crypto, key), "device_key_invalid");
  const message = encodePossessionMessage(act.at, bytes(act.actor), body.key);
  const isProven = verifyDeviceSignature(act.crypto, key, message, body.possession);
  demand(isProven, "device_possession_unproven");
  return encodeDid(body.key);
}

function registerDevice(act: ModelAct, body: BodyOf<"register_device">): void {
  const did = checkKey(act, body);
  const device_id = act.state.count("devices") + 1;
  const [owner, key] = [act.actor, hex(body.key)];
  act.state.put("devices", { device_id, owner, did, key, key_count: 1, is_revoked: 0 });
  act.state.put("device_keys", { key, device_id });
  openAccount(act, owner);
  act.notify("DeviceRegistered", [device_id, owner, did]);
}

/** A device of the actor that was not revoked. */
function findOwnDevice(act: ModelAct, deviceId: number): Row<"devices"> {
  const device = demandFound(act.state.get("devices", deviceId), "device_not_found");
  demand(device.owner === act.actor, "device_sender_not_owner");
  demand(device.is_revoked === 0, "device_revoked");
  return device;
}

function rotateDeviceKey(act: ModelAct, body: BodyOf<"rotate_device_key">): void {
  const device = findOwnDevice(act, body.deviceId);
  const did = checkKey(act, body);
  const key = hex(body.key);
  act.state.put("devices", { ...device, did, key, key_count: device.key_count + 1 });
  act.state.put("device_keys", { key, device_id: device.device_id });
  act.notify("DeviceKeyRotated", [device.device_id, did]);
}

function revokeDevice(act: ModelAct, body: BodyOf<"revoke_device">): void {
  const device = findOwnDevice(act, body.deviceId);
  act.state.put("devices", { ...device, is_revoked: 1 });
  act.notify("DeviceRevoked", [device.device_id]);
}

/** A text without control characters, within its bytes. */
export function isPrintable(text: string, bytesMin: number, bytesMax: number): boolean {
  const length = utf8ToBytes(text).length;
  const hasControl = [...text].some((character) => {
    const code = character.codePointAt(0)!;
    return code < 0x20 || code === 0x7f;
  });
  return length >= bytesMin && length <= bytesMax && !hasControl;
}

function isMetric(metric: Metric): boolean {
  const { kind, scale, minimum, maximum } = metric;
  const isNamed =
    isPrintable(metric.name, 1, NAME_BYTES_MAX) && isPrintable(metric.unit, 0, UNIT_BYTES_MAX);
  if (kind === "text") return isNamed && scale === 0 && minimum === 0 && maximum === 0;
  const isBounded = minimum >= -METRIC_VALUE_MAX && maximum <= METRIC_VALUE_MAX;
  return isNamed && scale <= SCALE_MAX && minimum <= maximum && isBounded;
}

function declareStream(act: ModelAct, body: BodyOf<"declare_stream">): void {
  const { name, isSealed, retentionSec: retention, metrics, epochKeyHashes } = body;
  const device = findOwnDevice(act, body.deviceId);
  demand(isPrintable(name, 1, NAME_BYTES_MAX), "stream_name_invalid");
  const isTaken = act.state
    .list("streams")
    .some((stream) => stream.device_id === device.device_id && stream.name === name);
  demand(!isTaken, "stream_name_taken");
  demand(metrics.length > 0 && metrics.every(isMetric), "stream_metrics_invalid");
  const names = new Set(metrics.map((metric) => metric.name));
  demand(names.size === metrics.length, "stream_metrics_invalid");
  demand(isSealed || epochKeyHashes.length === 0, "epoch_key_hashes_wrong");
  const groupCount = isSealed ? epochKeyHashes.length : 1;
  const groups = new Set(metrics.map(({ group }) => group));
  const isDivided = groups.size === groupCount && groupCount <= KEY_GROUPS_MAX;
  demand(isDivided && [...groups].every((group) => group < groupCount), "stream_groups_invalid");

  const stream_id = act.state.count("streams") + 1;
  act.state.put("streams", {
    ...{ stream_id, device_id: device.device_id, name, group_count: groupCount, epoch: 0 },
    visibility: isSealed ? "sealed" : "open",
    ...{ retention, kept_from: 0, folded_from: 0, tidy_due: null },
    ...{ next_sequence: 0, batch_count: 0, reading_count: 0, break_count: 0 },
    last_batch_hash: null,
  });
  metrics.forEach(({ group, ...metric }, metric_index) => {
    act.state.put("metrics", { stream_id, metric_index, ...metric, key_group: group });
  });
  putEpochKeys(act, stream_id, 0, epochKeyHashes);
  if (isSealed) openFacts(act, device.owner);
  const { device_id } = device;
  act.notify("StreamDeclared", [stream_id, device_id, isSealed, groupCount, retention, name]);
}

function putEpochKeys(
  act: ModelAct,
  stream_id: number,
  epoch: number,
  hashes: readonly Uint8Array[],
): void {
  hashes.forEach((hash, key_group) => {
    act.state.put("epoch_keys", { stream_id, epoch, key_group, key_hash: hex(hash) });
  });
}

/** A sealed stream of a device of the actor. The device may have been revoked. */
export function findOwnSealedStream(act: ModelAct, streamId: number): Row<"streams"> {
  const stream = demandFound(act.state.get("streams", streamId), "stream_not_found");
  const device = act.state.get("devices", stream.device_id)!;
  demand(device.owner === act.actor, "device_sender_not_owner");
  demand(stream.visibility === "sealed", "stream_not_sealed");
  return stream;
}

function rotateEpoch(act: ModelAct, body: BodyOf<"rotate_epoch">): void {
  const { epoch, epochKeyHashes } = body;
  const stream = findOwnSealedStream(act, body.streamId);
  demand(act.state.get("devices", stream.device_id)!.is_revoked === 0, "device_revoked");
  demand(epoch === stream.epoch + 1, "epoch_not_next");
  demand(epochKeyHashes.length === stream.group_count, "epoch_key_hashes_wrong");
  act.state.put("streams", { ...stream, epoch });
  putEpochKeys(act, stream.stream_id, epoch, epochKeyHashes);
  act.notify("EpochRotated", [stream.stream_id, epoch, epochKeyHashes]);
}

/** The metrics of a stream, in the order of its declaration. */
export function listMetrics(act: ModelAct, streamId: number): Metric[] {
  const metrics: Metric[] = [];
  for (let i = 0; ; i++) {
    const row = act.state.get("metrics", streamId, i);
    if (row === undefined) return metrics;
    const { name, unit, scale, minimum, maximum, key_group: group } = row;
    const kind = row.kind === "text" ? "text" : "integer";
    metrics.push({ name, unit, kind, scale, minimum, maximum, group });
  }
}
