import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decodePaddedWire, encodeWire, type Wire } from "./codec.ts";
import type { Crypto } from "./crypto.ts";
import { computePayloadNeeded } from "./growth.ts";
import type { InputContext } from "./input.ts";
import { OPERATIONS_MAX, PAYLOAD_BYTES_MAX } from "./limits.ts";
import { encodeOperation } from "./operation-codec.ts";
import type { Operation } from "./operations.ts";
import { type Refused, refuse } from "./refusals.ts";
import { encodeWord } from "./words.ts";

const VERSION_PLAIN = 0x01;
const VERSION_SEALED = 0x02;
const SEAL_DOMAIN = utf8ToBytes("tallyroll/envelope/2");
const EMPTY = new Uint8Array(0);
/** Version, ephemeral key and tag. */
const SEALED_HEAD_BYTES = 1 + 32 + 16;

/** Where a sealed input counts: another sender, application or chain cannot open it (spec §1.3). */
export type EnvelopeContext = Pick<InputContext, "chainId" | "app" | "sender">;

/**
 * `0x01` ‖ the operations ‖ as many zeros as pay for whatever they can add to the state (spec
 * §14.2). Throws `RangeError` over the bounds of spec §2.
 */
export function encodePlainEnvelope(operations: readonly Operation[]): Uint8Array {
  return joinPayload(Uint8Array.of(VERSION_PLAIN), packOperations(operations, 1));
}

/** @param headBytes What the payload has besides. */
function packOperations(operations: readonly Operation[], headBytes: number): Uint8Array {
  if (operations.length === 0 || operations.length > OPERATIONS_MAX) {
    throw new RangeError(`an input carries 1 to ${OPERATIONS_MAX} operations`);
  }
  const list = encodeWire(operations.map(encodeOperation));
  // Where most of it is there already, the longest payload may do.
  const needed = Math.min(computePayloadNeeded(operations), PAYLOAD_BYTES_MAX);
  return padded(list, needed - headBytes);
}

const padded = (bytes: Uint8Array, length: number): Uint8Array =>
  length <= bytes.length ? bytes : concatBytes(bytes, new Uint8Array(length - bytes.length));

function joinPayload(...parts: Uint8Array[]): Uint8Array {
  const payload = concatBytes(...parts);
  if (payload.length > PAYLOAD_BYTES_MAX) {
    throw new RangeError(`a payload of ${payload.length} bytes exceeds ${PAYLOAD_BYTES_MAX}`);
  }
  return payload;
}

/**
 * `0x02` ‖ ephemeral key ‖ the operations sealed to the machine (spec §1.3). Throws `RangeError`
 * over the bounds of spec §2 and for a machine key of small order.
 *
 * @param ephemeralSecret 32 fresh random bytes, used for this envelope only.
 */
export function encodeSealedEnvelope(
  crypto: Crypto,
  operations: readonly Operation[],
  machineKey: Uint8Array,
  ephemeralSecret: Uint8Array,
  at: EnvelopeContext,
): Uint8Array {
  const ephemeral = crypto.x25519PublicKey(ephemeralSecret);
  const shared = crypto.x25519(ephemeralSecret, machineKey);
  if (shared === undefined) throw new RangeError("the machine's key is not an X25519 key");
  const context = encodeSealContext(ephemeral, machineKey, at);
  const key = crypto.hkdfSha256(shared, EMPTY, context, 32);
  const sealed = crypto.sealXChaCha20Poly1305(
    key,
    packOperations(operations, SEALED_HEAD_BYTES),
    context,
  );
  return joinPayload(Uint8Array.of(VERSION_SEALED), ephemeral, sealed);
}

/** True where what the payload carries is for the machine only: reports must not quote it. */
export function isSealedEnvelope(payload: Uint8Array): boolean {
  return payload[0] === VERSION_SEALED;
}

/** The list of operations inside a payload, still undecoded, or why there is none. */
export function openEnvelope(
  crypto: Crypto,
  payload: Uint8Array,
  machineSecret: Uint8Array,
  machineKey: Uint8Array,
  at: EnvelopeContext,
): readonly Wire[] | Refused {
  const byteCount = payload.length;
  if (byteCount > PAYLOAD_BYTES_MAX) {
    return refuse("envelope_over_bounds", "{byteCount} payload bytes", { byteCount });
  }
  const version = payload[0];
  let packed: Uint8Array | undefined;
  if (version === VERSION_PLAIN) packed = payload.subarray(1);
  else if (version === VERSION_SEALED) {
    packed = unseal(crypto, payload.subarray(1), machineSecret, machineKey, at);
    if (packed === undefined) {
      const detail = "not sealed to machine key {machineKey} for this application and sender";
      return refuse("envelope_seal_broken", detail, { machineKey });
    }
  } else {
    const values = { byteCount, version: version ?? "missing" };
    return refuse("envelope_version_unknown", "{byteCount} bytes, the first {version}", values);
  }

  const list = decodePaddedWire(packed);
  if (!Array.isArray(list)) {
    const values = { byteCount: packed.length };
    return refuse("envelope_malformed", "{byteCount} bytes are not a canonical list", values);
  }
  if (list.length === 0) return refuse("envelope_empty", "it has 0 operations");
  if (list.length > OPERATIONS_MAX) {
    const values = { operationsMax: OPERATIONS_MAX };
    return refuse("envelope_over_bounds", "more than {operationsMax} operations", values);
  }
  return list;
}

function unseal(
  crypto: Crypto,
  body: Uint8Array,
  machineSecret: Uint8Array,
  machineKey: Uint8Array,
  at: EnvelopeContext,
): Uint8Array | undefined {
  if (body.length < 48) return undefined;
  const ephemeral = body.subarray(0, 32);
  const shared = crypto.x25519(machineSecret, ephemeral);
  if (shared === undefined) return undefined;
  const context = encodeSealContext(ephemeral, machineKey, at);
  const key = crypto.hkdfSha256(shared, EMPTY, context, 32);
  return crypto.openXChaCha20Poly1305(key, body.subarray(32), context);
}

function encodeSealContext(
  ephemeral: Uint8Array,
  machineKey: Uint8Array,
  at: EnvelopeContext,
): Uint8Array {
  return concatBytes(SEAL_DOMAIN, ephemeral, machineKey, encodeWord(at.chainId), at.app, at.sender);
}
