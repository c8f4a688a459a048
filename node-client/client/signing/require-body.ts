import { decodeUint, type Wire } from "../../../spec/codec.ts";
import type { Layout, Struct } from "../../../spec/field-layout.ts";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import { encodeOperation } from "../../../spec/operation-codec.ts";
import { OPERATIONS, type OperationBody, type OperationKind } from "../../../spec/operations.ts";
import { type Entity, ESCROW_ID_BYTES, referTo } from "../../../spec/references.ts";
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

/** A place on the wire: positions, from the body inwards. */
type Path = readonly number[];
interface Watch {
  fault: { readonly path: Path; readonly bound: string; readonly value: unknown } | undefined;
}

/**
 * Reads a body as the machine does, and finds the field at which it stops: its refusal says no more
 * than that the body is none of its kind.
 *
 * @param wire The body's list, as `decodeWire` gives it or `encodeOperation` is about to pack it.
 * @returns `undefined` for a body that the machine can read.
 */
export function findBodyFault(kind: OperationKind, wire: Wire | undefined): BodyFault | undefined {
  const watch: Watch = { fault: undefined };
  const fields = new WatchedFields(wire, [], watch);
  const { read, layout } = OPERATIONS[kind];
  read(fields);
  if (fields.isDone()) return undefined;
  const { fault } = watch;
  if (fault !== undefined) return { ...fault, field: nameField(layout, fault.path) || "body" };
  const bound = `the fields of ${kind}, no more, which fit each other`;
  return { field: "body", bound, value: undefined };
}

/** Remembers the first field that does not fit, of its own and of the lists within. */
class WatchedFields extends Fields {
  readonly #path: Path;
  readonly #watch: Watch;
  #at = -1;
  #taken: Wire | undefined;

  constructor(value: Wire | undefined, path: Path, watch: Watch) {
    super(value);
    this.#path = path;
    this.#watch = watch;
    if (this.hasFailed) watch.fault ??= { path, bound: "a list of its fields", value };
  }

  override take(): Wire | undefined {
    this.#at += 1;
    this.#taken = super.take();
    return this.#taken;
  }
  override bytes(lengthMin: number, lengthMax = lengthMin): Uint8Array {
    const range = lengthMin === lengthMax ? `${lengthMin}` : `${lengthMin} to ${lengthMax}`;
    return this.#judge(super.bytes(lengthMin, lengthMax), `${range} bytes`);
  }
  override text(): string {
    return this.#judge(super.text(), "a text");
  }
  override flag(): boolean {
    return this.#judge(super.flag(), "true or false");
  }
  override amount(): bigint {
    const value = super.amount();
    this.#requireWhole();
    return this.#judge(value, "a whole number from 0 to 2^256 - 1");
  }
  override count(max: number): number {
    const value = super.count(max);
    this.#requireWhole();
    return this.#judge(value, `a whole number from 0 to ${max}`);
  }
  override id(entity: Exclude<Entity, "escrow">): number {
    return this.#judge(super.id(entity), `the number of a ${entity}, or a reference`);
  }
  override escrowId(): Uint8Array {
    return this.#judge(super.escrowId(), `${ESCROW_ID_BYTES} bytes, or a reference`);
  }
  override list<T>(countMax: number, read: (fields: Fields) => T): T[] {
    return this.#each(countMax, read, (entry) => [entry]);
  }
  override structs<T>(countMax: number, { read }: Struct<T>): T[] {
    return this.#each(countMax, read, (entry) => entry);
  }
  override choice<T extends string>(names: readonly T[]): T {
    const place = super.count(names.length - 1);
    this.#requireWhole();
    return this.#judge(names[place] ?? names[0]!, `one of ${names.join(", ")}`);
  }
  override struct<T>({ read }: Struct<T>): T {
    return this.#read(this.take(), [this.#at], read);
  }
  override optionalBytes(length: number): Uint8Array {
    const value = super.bytes(0, length);
    if (value.length !== 0 && value.length !== length) this.hasFailed = true;
    return this.#judge(value, `0 or ${length} bytes`);
  }

  #each<T>(countMax: number, read: (fields: Fields) => T, open: (entry: Wire) => Wire): T[] {
    const entries = this.take();
    const at = this.#at;
    if (!Array.isArray(entries) || entries.length > countMax) this.hasFailed = true;
    this.#judge(undefined, `a list of at most ${countMax} entries`);
    if (this.hasFailed || !Array.isArray(entries)) return [];
    return entries.map((entry: Wire, i) => this.#read(open(entry), [at, i], read));
  }
  #read<T>(value: Wire | undefined, place: Path, read: (fields: Fields) => T): T {
    const fields = new WatchedFields(value, [...this.#path, ...place], this.#watch);
    const result = read(fields);
    if (!fields.isDone()) this.hasFailed = true;
    return result;
  }
  /** What is yet to be packed may be a float, which the wire does not have. */
  #requireWhole(): void {
    const value = this.#taken;
    if (typeof value === "number" && !(Number.isInteger(value) && value >= 0)) {
      this.hasFailed = true;
    }
  }
  #judge<T>(result: T, bound: string): T {
    if (!this.hasFailed) return result;
    this.#watch.fault ??= { path: [...this.#path, this.#at], bound, value: this.#taken };
    return result;
  }
}

/** The field at a place, from the body inwards; empty where the place is the body itself. */
function nameField({ wire }: Layout, [at = -1, ...rest]: Path): string {
  const field = wire[at];
  if (field === undefined || rest.length === 0) return field?.name ?? "";
  const { name, range } = field;
  if (range.of === "struct") return `${name}.${nameField(range.struct, rest)}`;
  const [place, ...deeper] = rest;
  const item = range.of === "list" ? range.item.range : range;
  // A list of plain values has nothing within them to name.
  const within = item.of === "struct" ? nameField(item.struct, deeper) : "";
  return `${name}[${place}]${within && `.${within}`}`;
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
 * @throws BodyInvalid with the field's name and bound.
 */
export function requireBody(body: OperationBody): void {
  const fault = findUnwritable(body, "") ?? findMisread(body);
  if (fault !== undefined) throw new BodyInvalid(body.kind, fault);
}

/** The wire knows no number outside uint256; negative are a metric's bounds and references. */
function findUnwritable(value: unknown, field: string): BodyFault | undefined {
  if (typeof value === "bigint" && (value < 0n || value >> 256n !== 0n)) {
    return { field, bound: "a whole number from 0 to 2^256 - 1", value };
  }
  if (typeof value === "number") {
    const isSigned = /(^|\.)(minimum|maximum)$/.test(field);
    const isId = /(^|\.)(device|stream|batch|channel|service)Id$/.test(field);
    const least = isSigned ? -Number.MAX_SAFE_INTEGER : isId ? referTo(OPERATIONS_MAX - 1) : 0;
    const bound = `a whole number from ${isSigned ? "-(2^53 - 1)" : "0"} to 2^53 - 1`;
    if (!Number.isSafeInteger(value) || value < least) return { field, bound, value };
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
