import { encodeUint, type Wire } from "./codec.ts";
import { encodeFields } from "./field-layout.ts";
import { COUNTER_MAX, TIME_SEC_MAX } from "./limits.ts";
import {
  type Authorization,
  OPERATION_KINDS,
  OPERATIONS,
  type Operation,
  type OperationBody,
  type OperationKind,
} from "./operations.ts";
import { type Refused, refuse } from "./refusals.ts";
import { Fields } from "./wire-fields.ts";

interface KindOfOperation {
  readonly kind: OperationKind;
  readonly read: (fields: Fields) => OperationBody;
}
export const KINDS_BY_CODE: ReadonlyMap<unknown, KindOfOperation> = new Map(
  OPERATION_KINDS.map((kind) => [OPERATIONS[kind].code, { kind, read: OPERATIONS[kind].read }]),
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
  const known = KINDS_BY_CODE.get(code);
  if (known === undefined) return refuse("operation_kind_unknown", "kind {kind}", { kind: code });
  const operation = known.read(body);
  if (!body.isDone()) return refuse("operation_malformed", "the body is not that of {kind}", known);
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

/** The wire form of an operation: `[kind, authorization, body]` (spec §1.4). */
export function encodeOperation(operation: Operation): Wire {
  const { body } = operation;
  const { code, layout } = OPERATIONS[body.kind];
  return [code, encodeAuthorization(operation.authorization), encodeFields(layout, body)];
}

function encodeAuthorization(authorization: Authorization): Wire {
  if (authorization.by === "sender") return 0;
  if (authorization.by === "device") return authorization.signature;
  const { account, nonce, deadlineSec, signature } = authorization;
  return [account, encodeUint(nonce), encodeUint(deadlineSec), signature];
}
