import { decodeUint, type Wire } from "../../../spec/codec.ts";
import { encodeOperation } from "../../../spec/operation-codec.ts";
import type { OperationBody, OperationKind } from "../../../spec/operations.ts";
import { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { escapeValue } from "../../escape-value.ts";
import { type BodyFault, findBodyFault } from "./find-body-fault.ts";

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
 * @throws BodyInvalid with the field's name and bound.
 */
export function requireBody(body: OperationBody): void {
  const fault = findUnwritable(body, "") ?? findMisread(body);
  if (fault !== undefined) throw new BodyInvalid(body.kind, fault);
}

/** The wire knows no number outside uint256; negative ones travel as a metric's bounds alone. */
function findUnwritable(value: unknown, field: string): BodyFault | undefined {
  if (typeof value === "bigint" && (value < 0n || value >> 256n !== 0n)) {
    return { field, bound: "a whole number from 0 to 2^256 - 1", value };
  }
  if (typeof value === "number") {
    const isSigned = /(^|\.)(minimum|maximum)$/.test(field);
    const bound = `a whole number from ${isSigned ? "-(2^53 - 1)" : "0"} to 2^53 - 1`;
    if (!Number.isSafeInteger(value) || (value < 0 && !isSigned)) return { field, bound, value };
  }
  if (value === undefined || value === null) return { field, bound: "given", value };
  if (typeof value !== "object" || value instanceof Uint8Array) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${field}[${name}]` : field ? `${field}.${name}` : name;
    const fault = findUnwritable(part, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findMisread(body: OperationBody): BodyFault | undefined {
  const { kind } = body;
  let wire: Wire | undefined;
  try {
    const encoded = encodeOperation({ authorization: { by: "sender" }, body });
    wire = Array.isArray(encoded) ? encoded[2] : undefined;
  } catch {
    // A field is absent, or of a type that cannot be written: only untyped code does that.
    return { field: "body", bound: `an object with all fields of ${kind}`, value: undefined };
  }
  return findBodyFault(kind, wire);
}

function describe(value: unknown): string {
  const number = value instanceof Uint8Array ? decodeUint(value) : undefined;
  if (value instanceof Uint8Array) {
    const read = number === undefined ? "" : `, or the number ${number}`;
    return `${value.length} bytes${read}`;
  }
  return Array.isArray(value) ? `a list of ${value.length}` : escapeValue(value);
}
