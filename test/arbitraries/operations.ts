/** Operations of any fields, as their declarations name them: sense is not asked for. */

import fc from "fast-check";
import type { Field, Layout } from "../../spec/field-layout.ts";
import { AMOUNT_MAX, COUNTER_MAX, OPERATIONS_MAX, TIME_SEC_MAX } from "../../spec/limits.ts";
import {
  type Authorization,
  OPERATION_KINDS,
  OPERATIONS,
  type Operation,
  type OperationBody,
  type OperationKind,
} from "../../spec/operations.ts";
import { findReference, referTo, referToEscrow } from "../../spec/references.ts";
import { bytes } from "./crypto.ts";
import { wireText } from "./wire.ts";

/** Longer bytes say nothing more. */
const BYTES_MORE_MAX = 144;

const upTo = (max: number) =>
  fc.oneof(
    fc.nat(Math.min(max, 300)),
    fc.maxSafeNat().map((n) => n % (max + 1)),
    fc.constant(max),
  );
const place = fc.nat(OPERATIONS_MAX - 1);
/** None that reads as a reference. */
const escrowId = bytes(16).filter((id) => findReference(id) === undefined);
const within = (magnitude: number) =>
  fc.oneof(
    fc.integer({ min: -300, max: 300 }),
    fc.integer({ min: -magnitude, max: magnitude }),
    fc.constantFrom(magnitude, -magnitude),
  );

/** Any value of a field, as wide as the wire takes it. */
function anyValue({ range }: Field): fc.Arbitrary<unknown> {
  switch (range.of) {
    case "bytes":
      return bytes(range.lengthMin, Math.min(range.lengthMax, range.lengthMin + BYTES_MORE_MAX));
    case "id":
      return range.entity === "escrow"
        ? fc.oneof(escrowId, place.map(referToEscrow))
        : fc.oneof(upTo(COUNTER_MAX), place.map(referTo));
    case "optional bytes":
      return fc.oneof(bytes(0), bytes(range.length));
    case "address":
      return bytes(20);
    case "amount":
      return fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, AMOUNT_MAX));
    case "count":
      return upTo(range.max);
    case "signed":
      return within(range.magnitudeMax);
    case "text":
      return wireText;
    case "flag":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...range.names);
    case "list":
      return fc.array(anyValue(range.item), { maxLength: range.countMax, size: "small" });
    case "struct":
      return anyFields(range.struct);
    case "flags":
      throw new RangeError("flags are no member of a body: their bits are");
  }
}

function anyFields({ members }: Layout): fc.Arbitrary<Record<string, unknown>> {
  const fields = members.map((field) => [field.name, anyValue(field)] as const);
  const record = fc.record(Object.fromEntries(fields), { noNullPrototype: true });
  const isClaim = members.some(({ name }) => name === "lane");
  return isClaim ? fc.tuple(record, fc.boolean()).map(fitLane) : record;
}

/** Of a claim's fields not all fit each other (spec §10.1). */
const fitLane = ([claim, isPlain]: [Record<string, unknown>, boolean]) =>
  isPlain ? { ...claim, lane: 0 } : { ...claim, actual: 0n, form: "eip712" };

const anyBody = (kind: OperationKind): fc.Arbitrary<OperationBody> =>
  anyFields(OPERATIONS[kind].layout).map((fields) => ({ kind, ...fields }) as OperationBody);

/** Bodies of one kind each. */
export const BODIES = Object.fromEntries(
  OPERATION_KINDS.map((kind) => [kind, anyBody(kind)]),
) as Readonly<Record<OperationKind, fc.Arbitrary<OperationBody>>>;

const authorization: fc.Arbitrary<Authorization> = fc.oneof(
  fc.constant({ by: "sender" } as const),
  fc.record({ by: fc.constant("device" as const), signature: bytes(64) }),
  fc.record({
    by: fc.constant("account" as const),
    account: bytes(20),
    nonce: upTo(COUNTER_MAX),
    deadlineSec: upTo(TIME_SEC_MAX),
    signature: bytes(65),
  }),
);

export const anyOperation: fc.Arbitrary<Operation> = fc.record({
  authorization,
  body: fc.oneof(...Object.values(BODIES)),
});
