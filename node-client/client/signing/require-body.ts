import { decodeUint, type Wire } from "../../../spec/codec.ts";
import type { FieldRange, Layout } from "../../../spec/field-layout.ts";
import { AMOUNT_MAX, COUNTER_MAX, OPERATIONS_MAX } from "../../../spec/limits.ts";
import { encodeOperation } from "../../../spec/operation-codec.ts";
import {
  type Authorization,
  OPERATIONS,
  type OperationBody,
  type OperationKind,
} from "../../../spec/operations.ts";
import {
  decodeReference,
  ESCROW_ID_BYTES,
  findReference,
  referTo,
} from "../../../spec/references.ts";
import { Fields } from "../../../spec/wire-fields.ts";
import { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { escapeValue } from "../../escape-value.ts";

/** The first field of a body that the machine does not take, and what it takes there. */
interface BodyFault {
  /** As the body names it, such as `claims[2].signature`. */
  readonly field: string;
  /** What the field may be, in words: "20 bytes", "a whole number from 0 to 4294967295". */
  readonly bound: string;
  readonly value: unknown;
}

/**
 * Finds the field at which the machine stops to read a body: its refusal says no more than that the
 * body is none of its kind.
 *
 * @param wire The body's list, as `decodeWire` gives it or `encodeOperation` is about to pack it.
 * @param isSigned An account's signature is to authorize it, so that it takes no reference (§1.7).
 * @returns `undefined` for a body that the machine can read.
 */
export function findBodyFault(
  kind: OperationKind,
  wire: Wire | undefined,
  isSigned: boolean,
): BodyFault | undefined {
  const { read, layout } = OPERATIONS[kind];
  const fault = findFieldFault(layout, wire, "", isSigned);
  if (fault !== undefined) return fault;
  const fields = new Fields(wire);
  read(fields);
  const bound = `the fields of ${kind}, no more, which fit each other`;
  return fields.isDone() ? undefined : { field: "body", bound, value: undefined };
}

/** The first field of a list of them that does not fit. */
function findFieldFault(
  layout: Layout,
  value: Wire | undefined,
  field: string,
  isSigned: boolean,
): BodyFault | undefined {
  if (!Array.isArray(value))
    return { field: field || "body", bound: "a list of its fields", value };
  for (const [at, { name, range }] of layout.wire.entries()) {
    const place = field ? `${field}.${name}` : name;
    const fault = findRangeFault(range, value[at], place, isSigned);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findRangeFault(
  range: FieldRange,
  value: Wire | undefined,
  field: string,
  isSigned: boolean,
): BodyFault | undefined {
  if (range.of === "struct") return findFieldFault(range.struct, value, field, isSigned);
  const [isWithin, bound] = judge(range, value, isSigned);
  if (!isWithin) return { field, bound, value };
  if (range.of !== "list" || !Array.isArray(value)) return undefined;
  for (const [at, entry] of value.entries()) {
    const fault = findRangeFault(range.item.range, entry, `${field}[${at}]`, isSigned);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const COUNTER_BOUND = BigInt(COUNTER_MAX);

/** Whether a value is one of a range, and the range in words. */
function judge(
  range: Exclude<FieldRange, { readonly of: "struct" }>,
  value: Wire | undefined,
  isSigned: boolean,
): readonly [isWithin: boolean, bound: string] {
  const byteCount = value instanceof Uint8Array ? value.length : -1;
  switch (range.of) {
    case "bytes": {
      const { lengthMin: least, lengthMax: most } = range;
      const bound = least === most ? `${most} bytes` : `${least} to ${most} bytes`;
      return [byteCount >= least && byteCount <= most, bound];
    }
    case "id": {
      const { entity } = range;
      const isRead = entity === "escrow" ? isEscrowId(value) : isWhole(value, COUNTER_BOUND);
      const bound = entity === "escrow" ? "16 bytes" : `the number of a ${entity}`;
      if (isSigned) return [isRead, `${bound}; a signature covers no reference`];
      return [isRead || decodeReference(value) !== undefined, `${bound}, or a reference`];
    }
    case "optional bytes":
      return [byteCount === 0 || byteCount === range.length, `0 or ${range.length} bytes`];
    case "address":
      return [byteCount === 20, "20 bytes"];
    case "text":
      return [typeof value === "string", "a text"];
    case "flag":
      return [typeof value === "boolean", "true or false"];
    case "amount":
      return [isWhole(value, AMOUNT_MAX), "a whole number from 0 to 2^256 - 1"];
    case "count":
    case "flags":
      return [isWhole(value, BigInt(range.max)), `a whole number from 0 to ${range.max}`];
    case "signed": {
      const most = 2 * range.magnitudeMax;
      return [isWhole(value, BigInt(most)), `a whole number from 0 to ${most}`];
    }
    case "choice": {
      const { names } = range;
      return [isWhole(value, BigInt(names.length - 1)), `one of ${names.join(", ")}`];
    }
    case "list": {
      const { countMax } = range;
      const isList = Array.isArray(value) && value.length <= countMax;
      return [isList, `a list of at most ${countMax} entries`];
    }
  }
}

/** 16 bytes that read as a reference travel as one. */
const isEscrowId = (value: Wire | undefined): boolean =>
  value instanceof Uint8Array &&
  value.length === ESCROW_ID_BYTES &&
  findReference(value) === undefined;

function isWhole(value: Wire | undefined, most: bigint): boolean {
  if (typeof value === "number" && !(Number.isInteger(value) && value >= 0)) return false;
  const number = decodeUint(value);
  return number !== undefined && number <= most;
}

/** A field of an operation is outside what the machine takes. */
export class BodyInvalid extends ClientError {
  override readonly name = "BodyInvalid";
  readonly kind: OperationKind;
  readonly field: string;
  readonly bound: string;

  constructor(kind: OperationKind, fault: BodyFault) {
    super(`${describeBodyFault(kind, fault)} Nothing was sent.`, {
      whatToDo: `Give ${fault.field} as ${fault.bound}.`,
    });
    this.kind = kind;
    this.field = fault.field;
    this.bound = fault.bound;
  }
}

/**
 * A fault in one sentence.
 *
 * @example
 * "The groupId of open_channel is 31 bytes; it takes 32 bytes."
 */
export const describeBodyFault = (
  kind: OperationKind,
  { field, bound, value }: BodyFault,
): string => `The ${escapeText(field)} of ${kind} is ${describe(value)}; it takes ${bound}.`;

/**
 * Checks every field of a body against the machine's bounds, before anything is signed or sent: the
 * machine's own refusal names the kind alone.
 *
 * @param by Who is to authorize it: an account's signature covers no reference (spec §1.7).
 * @throws BodyInvalid with the field's name and bound.
 */
export function requireBody(body: OperationBody, by: Authorization["by"]): void {
  const fault =
    findUnwritable(body, "", listIdNames(OPERATIONS[body.kind].layout)) ??
    findMisread(body, by === "account");
  if (fault !== undefined) throw new BodyInvalid(body.kind, fault);
}

/** The fields of a body that take an identifier or a reference, those of structs too. */
const listIdNames = ({ members }: Layout): readonly string[] =>
  members.flatMap(({ name, range }) => {
    const within = range.of === "list" ? range.item.range : range;
    if (within.of === "struct") return listIdNames(within.struct);
    return within.of === "id" ? name : [];
  });

/** The wire knows no number outside uint256; negative are a metric's bounds and references. */
function findUnwritable(
  value: unknown,
  field: string,
  idNames: readonly string[],
): BodyFault | undefined {
  if (typeof value === "bigint" && (value < 0n || value >> 256n !== 0n)) {
    return { field, bound: "a whole number from 0 to 2^256 - 1", value };
  }
  if (typeof value === "number") {
    const isSigned = /(^|\.)(minimum|maximum)$/.test(field);
    const isId = idNames.includes(field.slice(field.lastIndexOf(".") + 1));
    const least = isSigned ? -Number.MAX_SAFE_INTEGER : isId ? referTo(OPERATIONS_MAX - 1) : 0;
    const bound = `a whole number from ${isSigned ? "-(2^53 - 1)" : "0"} to 2^53 - 1`;
    if (!Number.isSafeInteger(value) || value < least) return { field, bound, value };
  }
  if (value === undefined || value === null) return { field, bound: "given", value };
  if (typeof value !== "object" || value instanceof Uint8Array) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${field}[${name}]` : field ? `${field}.${name}` : name;
    const fault = findUnwritable(part, place, idNames);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findMisread(body: OperationBody, isSigned: boolean): BodyFault | undefined {
  const { kind } = body;
  let wire: Wire | undefined;
  try {
    const encoded = encodeOperation({ authorization: { by: "sender" }, body });
    wire = Array.isArray(encoded) ? encoded[2] : undefined;
  } catch {
    // A field is absent, or of a type that cannot be written: only untyped code does that.
    return { field: "body", bound: `an object with all fields of ${kind}`, value: undefined };
  }
  return findBodyFault(kind, wire, isSigned);
}

function describe(value: unknown): string {
  const number = value instanceof Uint8Array ? decodeUint(value) : undefined;
  if (value instanceof Uint8Array) {
    const read = number === undefined ? "" : `, or the number ${number}`;
    return `${value.length} bytes${read}`;
  }
  return Array.isArray(value) ? `a list of ${value.length}` : escapeValue(value);
}
