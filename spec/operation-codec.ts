import { CHANNEL_DECODERS, encodeChannelBody } from "./channel-codec.ts";
import type { ChannelBody } from "./channel-operations.ts";
import { encodeUint, type Wire } from "./codec.ts";
import { ESCROW_DECODERS, encodeEscrowBody } from "./escrow-codec.ts";
import type { EscrowBody } from "./escrow-operations.ts";
import {
  COUNTER_MAX,
  EPOCH_MAX,
  KEY_GROUPS_MAX,
  METRIC_VALUE_MAX,
  METRICS_MAX,
  PAYLOAD_BYTES_MAX,
  READINGS_PER_INPUT_MAX,
  SCALE_MAX,
  SEQUENCE_MAX,
  TIME_SEC_MAX,
} from "./limits.ts";
import {
  type Authorization,
  type CoreBody,
  OPERATION_KINDS,
  type Operation,
  type OperationBody,
  type OperationKind,
} from "./operations.ts";
import type { Metric } from "./readings.ts";
import { type Refused, refuse } from "./refusals.ts";
import { encodeServiceBody, SERVICE_DECODERS } from "./service-codec.ts";
import type { ServiceBody } from "./service-operations.ts";
import { Fields } from "./wire-fields.ts";

const KINDS_BY_CODE = new Map<number, OperationKind>(
  (Object.entries(OPERATION_KINDS) as [OperationKind, number][]).map(([kind, code]) => [
    code,
    kind,
  ]),
);

/** Decodes one operation of an envelope's list, or says what is wrong with it. */
export function decodeOperation(item: Wire): Operation | Refused {
  const fields = new Fields(item);
  const code = fields.count(0xffff_ffff);
  const authorization = decodeAuthorization(fields.take());
  const body = new Fields(fields.take());
  if (!fields.isDone() || authorization === undefined) {
    return refuse("operation_malformed", "it is not [kind, authorization, body]");
  }
  const kind = KINDS_BY_CODE.get(code);
  if (kind === undefined) return refuse("operation_kind_unknown", `kind ${code}`);
  const operation = BODY_DECODERS[kind](body);
  if (!body.isDone()) return refuse("operation_malformed", `the body is no ${kind}`);
  return { authorization, body: operation };
}

/** `0`: the sender. 64 bytes: a device's signature. A list: an account's EIP-712 signature. */
function decodeAuthorization(item: Wire | undefined): Authorization | undefined {
  if (item === 0) return { by: "sender" };
  if (item instanceof Uint8Array) {
    const signature = new Uint8Array(item.buffer, item.byteOffset, item.length);
    return signature.length === 64 ? { by: "device", signature } : undefined;
  }
  if (!Array.isArray(item)) return undefined;
  const fields = new Fields(item);
  const authorization = {
    by: "account",
    account: fields.bytes(20),
    nonce: fields.count(COUNTER_MAX),
    deadlineSec: fields.count(TIME_SEC_MAX),
    signature: fields.bytes(65),
  } as const;
  return fields.isDone() ? authorization : undefined;
}

const keyHashes = (fields: Fields): Uint8Array[] =>
  fields.list(KEY_GROUPS_MAX, (entry) => entry.bytes(32));

/** Object literals evaluate their fields in order, which is the order on the wire. */
const CORE_DECODERS: {
  [K in CoreBody["kind"]]: (f: Fields) => Extract<CoreBody, { kind: K }>;
} = {
  transfer: (f) => ({ kind: "transfer", token: f.bytes(20), to: f.bytes(20), amount: f.amount() }),
  withdraw: (f) => ({
    kind: "withdraw",
    token: f.bytes(20),
    recipient: f.bytes(20),
    amount: f.amount(),
  }),
  register_device: (f) => ({
    kind: "register_device",
    key: f.bytes(34, 35),
    possession: f.bytes(64),
  }),
  rotate_device_key: (f) => ({
    kind: "rotate_device_key",
    deviceId: f.count(COUNTER_MAX),
    key: f.bytes(34, 35),
    possession: f.bytes(64),
  }),
  revoke_device: (f) => ({ kind: "revoke_device", deviceId: f.count(COUNTER_MAX) }),
  declare_stream: (f) => ({
    kind: "declare_stream",
    deviceId: f.count(COUNTER_MAX),
    name: f.text(),
    isSealed: f.flag(),
    metrics: f.structs(METRICS_MAX, decodeMetric),
    epochKeyHashes: keyHashes(f),
  }),
  submit: (f) => ({
    kind: "submit",
    streamId: f.count(COUNTER_MAX),
    epoch: f.count(EPOCH_MAX),
    firstSequence: f.count(SEQUENCE_MAX),
    count: f.count(READINGS_PER_INPUT_MAX),
    isBreak: f.flag(),
    sealed: f.bytes(16 + 32 + 16, PAYLOAD_BYTES_MAX),
  }),
  register_encryption_key: (f) => ({ kind: "register_encryption_key", key: f.bytes(32) }),
  rotate_epoch: (f) => ({
    kind: "rotate_epoch",
    streamId: f.count(COUNTER_MAX),
    epoch: f.count(EPOCH_MAX),
    epochKeyHashes: keyHashes(f),
  }),
  grant: (f) => ({
    kind: "grant",
    streamId: f.count(COUNTER_MAX),
    epoch: f.count(EPOCH_MAX),
    groups: f.count(2 ** KEY_GROUPS_MAX - 1),
    buyer: f.bytes(20),
    expiresAtSec: f.count(TIME_SEC_MAX),
    wrappedKeys: f.bytes(32, 32 + 48 * KEY_GROUPS_MAX),
  }),
  revoke_grant: (f) => ({
    kind: "revoke_grant",
    streamId: f.count(COUNTER_MAX),
    epoch: f.count(EPOCH_MAX),
    buyer: f.bytes(20),
  }),
  challenge: (f) => ({
    kind: "challenge",
    batchId: f.count(COUNTER_MAX),
    group: f.count(KEY_GROUPS_MAX - 1),
    batchKey: f.bytes(32),
  }),
  set_low_balance: (f) => ({
    kind: "set_low_balance",
    token: f.bytes(20),
    threshold: f.amount(),
  }),
};

/** How every body is read, fields in the order of the wire. Clients name a wrong field by it. */
export const BODY_DECODERS: {
  readonly [K in OperationKind]: (f: Fields) => Extract<OperationBody, { kind: K }>;
} = {
  ...CORE_DECODERS,
  ...CHANNEL_DECODERS,
  ...SERVICE_DECODERS,
  ...ESCROW_DECODERS,
};

function decodeMetric(f: Fields): Metric {
  const name = f.text();
  const unit = f.text();
  const kind = f.count(1) === 0 ? "integer" : "text";
  return {
    name,
    unit,
    kind,
    scale: f.count(SCALE_MAX),
    minimum: f.signed(METRIC_VALUE_MAX),
    maximum: f.signed(METRIC_VALUE_MAX),
    group: f.count(KEY_GROUPS_MAX - 1),
  };
}

const zigzag = (value: number): Wire => encodeUint(value >= 0 ? 2 * value : -2 * value - 1);

/** The wire form of an operation: `[kind, authorization, body]` (spec §1.4). */
export function encodeOperation(operation: Operation): Wire {
  const { body } = operation;
  return [
    OPERATION_KINDS[body.kind],
    encodeAuthorization(operation.authorization),
    encodeBody(body),
  ];
}

function encodeAuthorization(authorization: Authorization): Wire {
  if (authorization.by === "sender") return 0;
  if (authorization.by === "device") return authorization.signature;
  const { account, nonce, deadlineSec, signature } = authorization;
  return [account, encodeUint(nonce), encodeUint(deadlineSec), signature];
}

function encodeBody(body: OperationBody): Wire {
  switch (body.kind) {
    case "transfer":
      return [body.token, body.to, encodeUint(body.amount)];
    case "withdraw":
      return [body.token, body.recipient, encodeUint(body.amount)];
    case "register_device":
      return [body.key, body.possession];
    case "rotate_device_key":
      return [encodeUint(body.deviceId), body.key, body.possession];
    case "revoke_device":
      return [encodeUint(body.deviceId)];
    case "declare_stream": {
      const metrics = body.metrics.map((m) => {
        const kind = m.kind === "integer" ? 0 : 1;
        return [m.name, m.unit, kind, m.scale, zigzag(m.minimum), zigzag(m.maximum), m.group];
      });
      const head: Wire[] = [encodeUint(body.deviceId), body.name, body.isSealed];
      return [...head, metrics, body.epochKeyHashes];
    }
    case "submit": {
      const { streamId, epoch, firstSequence, count, isBreak, sealed } = body;
      const head: Wire[] = [encodeUint(streamId), encodeUint(epoch), encodeUint(firstSequence)];
      return [...head, count, isBreak, sealed];
    }
    case "register_encryption_key":
      return [body.key];
    case "rotate_epoch":
      return [encodeUint(body.streamId), encodeUint(body.epoch), body.epochKeyHashes];
    case "grant": {
      const { streamId, epoch, groups, buyer, expiresAtSec, wrappedKeys } = body;
      const head: Wire[] = [encodeUint(streamId), encodeUint(epoch), groups, buyer];
      return [...head, encodeUint(expiresAtSec), wrappedKeys];
    }
    case "revoke_grant":
      return [encodeUint(body.streamId), encodeUint(body.epoch), body.buyer];
    case "challenge":
      return [encodeUint(body.batchId), body.group, body.batchKey];
    case "set_low_balance":
      return [body.token, encodeUint(body.threshold)];
    default:
      return encodeSettlementBody(body);
  }
}

function encodeSettlementBody(body: Exclude<OperationBody, CoreBody>): Wire {
  return (
    encodeChannelBody(body as ChannelBody) ??
    encodeServiceBody(body as ServiceBody) ??
    encodeEscrowBody(body as EscrowBody)
  );
}
