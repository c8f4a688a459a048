import {
  BATCH_KEY_BYTES,
  type BatchContext,
  computeBatchKeyHash,
  computeCommitment,
  computeGroupRoot,
  deriveColumnKeys,
  deriveLayer2Keys,
  encodeBatchContext,
  encodeSignedBatch,
  SALT_BYTES,
} from "./batch.ts";
import { decodeOpenBody, decodeSealedBody } from "./batch-body.ts";
import type { Crypto } from "./crypto.ts";
import { splitDeviceKey, verifyDeviceSignature } from "./device-key.ts";
import { computeLeafBytesMax } from "./leaves.ts";
import { LEAF_BYTES_MAX, TIME_SEC_MAX } from "./limits.ts";
import type { Column, Metric } from "./readings.ts";
import { type Refused, refuse } from "./refusals.ts";

/** All that decides whether a batch is valid: no state beyond what is named here. */
export interface SubmissionRequest extends Omit<BatchContext, "salt"> {
  /** Multicodec form. */
  readonly deviceKey: Uint8Array;
  readonly isSealed: boolean;
  readonly groupCount: number;
  readonly metrics: readonly Metric[];
  readonly previousHash: Uint8Array;
  /** Salt ‖ ephemeral key ‖ layer 2. */
  readonly sealed: Uint8Array;
  readonly signature: Uint8Array;
}

/** What opening a batch asks for, its signature apart. */
type UnsignedRequest = Omit<SubmissionRequest, "deviceKey" | "signature">;

/** A batch whose signature, layers, columns and commitment hold. */
export interface OpenedSubmission {
  readonly batchHash: Uint8Array;
  readonly commitment: Uint8Array;
  readonly salt: Uint8Array;
  /** The batch key of an open stream; `null` for a sealed one. */
  readonly openingKey: Uint8Array | null;
  readonly body: Uint8Array;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
}

/** The machine's X25519 key pair. The secret is known to everyone who replays (spec §3.7). */
export interface MachineKeys {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * Opens layer 2, decodes the columns, recomputes the commitment of an open batch and verifies the
 * device's signature (spec §3.6). A pure function of its arguments, so it may run on any thread,
 * ahead of the state that the batch will meet.
 */
export function openSubmission(
  crypto: Crypto,
  machine: MachineKeys,
  request: SubmissionRequest,
): OpenedSubmission | Refused {
  const opened = openUnverified(crypto, machine, request);
  if ("refusal" in opened) return opened;
  return verifySubmission(crypto, request, opened) ?? opened;
}

/** All of `openSubmission` but the signature, which is the half that another thread can take. */
export function openUnverified(
  crypto: Crypto,
  machine: MachineKeys,
  request: UnsignedRequest,
): OpenedSubmission | Refused {
  const { sealed } = request;
  const salt = sealed.subarray(0, SALT_BYTES);
  const ephemeral = sealed.subarray(SALT_BYTES, SALT_BYTES + 32);
  const shared = crypto.x25519(machine.secret, ephemeral);
  if (shared === undefined) {
    return refuse("submission_ephemeral_key_invalid", "{key} is of small order", {
      key: ephemeral,
    });
  }
  const context = encodeBatchContext({ ...request, salt });
  const keys = deriveLayer2Keys(crypto, shared, ephemeral, machine.key, salt, context);
  const layer2 = sealed.subarray(SALT_BYTES + 32);
  const body = crypto.openXChaCha20Poly1305(keys.aeadKey, layer2, context);
  if (body === undefined) {
    const detail = "layer 2 of sequence {firstSequence} does not open under its header";
    return refuse("submission_seal_broken", detail, request);
  }

  const content = request.isSealed
    ? readSealed(crypto, request, body)
    : readOpen(crypto, request, body, keys.openingKey);
  if ("refusal" in content) return content;
  const interval = findInterval(content.times);
  if (interval === undefined) {
    const values = { timeSecMax: TIME_SEC_MAX };
    return refuse("submission_time_out_of_bounds", "times are 0 to {timeSecMax}", values);
  }
  const digests = { ...interval, commitment: content.commitment };
  return {
    ...digests,
    batchHash: crypto.sha256(encodeSignedBytes(crypto, request, { ...digests, salt, body })),
    // Copies: the views would keep the whole input alive as long as the row is held.
    salt: salt.slice(),
    openingKey: request.isSealed ? null : keys.openingKey.slice(0, BATCH_KEY_BYTES),
    body,
  };
}

/** Why the device did not sign what was opened, if it did not. */
export function verifySubmission(
  crypto: Crypto,
  request: SubmissionRequest,
  opened: OpenedSubmission,
): Refused | undefined {
  const key = splitDeviceKey(request.deviceKey);
  const signed = encodeSignedBytes(crypto, request, opened);
  if (key !== undefined && verifyDeviceSignature(crypto, key, signed, request.signature)) {
    return undefined;
  }
  const detail = "not signed by device {deviceId} over this header at sequence {firstSequence}";
  return refuse("submission_signature_wrong", detail, request);
}

function encodeSignedBytes(
  crypto: Crypto,
  request: UnsignedRequest,
  opened: Omit<OpenedSubmission, "batchHash" | "openingKey">,
): Uint8Array {
  const { salt, body, firstTimeSec, lastTimeSec, commitment } = opened;
  return encodeSignedBatch(encodeBatchContext({ ...request, salt }), {
    ...{ firstTimeSec, lastTimeSec, commitment },
    previousHash: request.previousHash,
    bodyHash: crypto.sha256(body),
  });
}

interface Content {
  readonly times: Float64Array;
  readonly commitment: Uint8Array;
}

/** Names the metrics' number and no value: what was in the body is not quoted. */
const refuseColumns = ({ streamId, metrics, count }: UnsignedRequest): Refused =>
  refuse(
    "submission_columns_malformed",
    "no {count} readings of the {metricCount} metrics of stream {streamId}",
    { count, metricCount: metrics.length, streamId },
  );

function readOpen(
  crypto: Crypto,
  request: UnsignedRequest,
  body: Uint8Array,
  openingKey: Uint8Array,
): Content | Refused {
  const open = decodeOpenBody(body, request.metrics, request.count);
  if (open === undefined) return refuseColumns(request);
  const metric = findOutOfBounds(request.metrics, open.columns);
  if (metric !== undefined) {
    const values = { ...request.metrics[metric]!, metric };
    return refuse(
      "submission_value_out_of_bounds",
      "metric {metric} is {minimum} to {maximum}",
      values,
    );
  }
  if (computeLeafBytesMax(open.columns, request.count) > LEAF_BYTES_MAX) {
    const values = { leafBytesMax: LEAF_BYTES_MAX };
    return refuse(
      "submission_leaves_over_bounds",
      "at most {leafBytesMax} bytes of leaves",
      values,
    );
  }
  const { saltKey } = deriveColumnKeys(crypto, openingKey);
  const root = computeGroupRoot(crypto, saltKey, open.times, open.columns);
  const keyHash = computeBatchKeyHash(crypto, openingKey);
  return { times: open.times, commitment: computeCommitment(crypto, [{ keyHash, root }]) };
}

function readSealed(crypto: Crypto, request: UnsignedRequest, body: Uint8Array): Content | Refused {
  const sealed = decodeSealedBody(body, request.groupCount, request.count);
  if (sealed === undefined) return refuseColumns(request);
  return { times: sealed.times, commitment: computeCommitment(crypto, sealed.groups) };
}

/** Index of the first metric with a value outside its declared bounds. */
export function findOutOfBounds(
  metrics: readonly Metric[],
  columns: readonly Column[],
): number | undefined {
  for (let m = 0; m < metrics.length; m++) {
    const { kind, minimum, maximum } = metrics[m]!;
    if (kind === "text") continue;
    const { values, present } = columns[m]!;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if ((value < minimum || value > maximum) && present?.[i] !== 0) return m;
    }
  }
  return undefined;
}

/** The earliest and latest time; `undefined` where one is not in 0 … TIME_SEC_MAX. */
export function findInterval(
  times: Float64Array,
): { readonly firstTimeSec: number; readonly lastTimeSec: number } | undefined {
  let firstTimeSec = times[0]!;
  let lastTimeSec = firstTimeSec;
  for (let i = 1; i < times.length; i++) {
    const time = times[i]!;
    if (time < firstTimeSec) firstTimeSec = time;
    else if (time > lastTimeSec) lastTimeSec = time;
  }
  return firstTimeSec < 0 || lastTimeSec > TIME_SEC_MAX ? undefined : { firstTimeSec, lastTimeSec };
}
