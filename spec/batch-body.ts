import { concatBytes } from "@noble/hashes/utils.js";
import { decodeColumns, encodeColumns } from "./columns.ts";
import type { Column, Metric, MetricKind } from "./readings.ts";

/** Layer 2's plaintext of an open batch: the time column, then every metric's, in one bit stream. */
export interface OpenBody {
  readonly times: Float64Array;
  readonly columns: readonly Column[];
}

/** One key group of a sealed batch: its part of the commitment and its columns under layer 1. */
export interface SealedGroup {
  readonly keyHash: Uint8Array;
  readonly root: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Layer 2's plaintext of a sealed batch: the machine reads times, never values. */
export interface SealedBody {
  readonly times: Float64Array;
  readonly groups: readonly SealedGroup[];
}

const TIME_KIND: readonly MetricKind[] = ["integer"];

/** A column of times: all present. */
export function timeColumn(times: Float64Array): Column {
  return { values: times, present: undefined, dictionary: undefined };
}

/** The metrics of one key group, in declaration order. */
export function metricsOfGroup(metrics: readonly Metric[], group: number): readonly Metric[] {
  return metrics.filter((metric) => metric.group === group);
}

export function encodeOpenBody(body: OpenBody): Uint8Array {
  return encodeColumns([timeColumn(body.times), ...body.columns], body.times.length);
}

/** `undefined` where the bytes are not exactly `count` readings of such metrics. */
export function decodeOpenBody(
  bytes: Uint8Array,
  metrics: readonly Metric[],
  count: number,
): OpenBody | undefined {
  const kinds = [...TIME_KIND, ...metrics.map((metric) => metric.kind)];
  const decoded = decodeColumns(bytes, kinds, count);
  if (decoded === undefined || decoded.byteCount !== bytes.length) return undefined;
  const [time, ...columns] = decoded.columns;
  if (time === undefined || time.present !== undefined) return undefined;
  return { times: time.values, columns };
}

/**
 * Times, then for each group: key hash (32) ‖ root (32) ‖ length (2) ‖ ciphertext.
 *
 * @throws RangeError when a group is too long for its length.
 */
export function encodeSealedBody(body: SealedBody): Uint8Array {
  const parts = [encodeColumns([timeColumn(body.times)], body.times.length)];
  for (const { keyHash, root, ciphertext } of body.groups) {
    if (ciphertext.length > 0xffff)
      throw new RangeError("a key group's columns exceed 65,535 bytes");
    const length = Uint8Array.of(ciphertext.length >> 8, ciphertext.length & 0xff);
    parts.push(keyHash, root, length, ciphertext);
  }
  return concatBytes(...parts);
}

/** `undefined` where the bytes are not exactly `count` times and `groupCount` groups. */
export function decodeSealedBody(
  bytes: Uint8Array,
  groupCount: number,
  count: number,
): SealedBody | undefined {
  const decoded = decodeColumns(bytes, TIME_KIND, count);
  const time = decoded?.columns[0];
  if (decoded === undefined || time === undefined || time.present !== undefined) return undefined;
  const groups: SealedGroup[] = [];
  let at = decoded.byteCount;
  for (let group = 0; group < groupCount; group++) {
    if (at + 66 > bytes.length) return undefined;
    const length = bytes[at + 64]! * 256 + bytes[at + 65]!;
    const end = at + 66 + length;
    if (length < 16 || end > bytes.length) return undefined;
    groups.push({
      keyHash: bytes.subarray(at, at + 32),
      root: bytes.subarray(at + 32, at + 64),
      ciphertext: bytes.subarray(at + 66, end),
    });
    at = end;
  }
  return at === bytes.length ? { times: time.values, groups } : undefined;
}
