import { encodeUint, type Wire } from "./codec.ts";
import { KEY_GROUPS_MAX } from "./limits.ts";
import { hex } from "./outputs.ts";
import { type Entity, encodeId, showId } from "./references.ts";
import { Fields } from "./wire-fields.ts";

/** What a field takes. */
export type FieldRange =
  | { readonly of: "bytes"; readonly lengthMin: number; readonly lengthMax: number }
  | { readonly of: "optional bytes"; readonly length: number }
  /** An identifier: an escrow's 16 bytes or a number, or a reference in its place (spec §1.7). */
  | { readonly of: "id"; readonly entity: Entity }
  | { readonly of: "count" | "flags"; readonly max: number }
  | { readonly of: "signed"; readonly magnitudeMax: number }
  | { readonly of: "choice"; readonly names: readonly string[] }
  | { readonly of: "list"; readonly countMax: number; readonly item: Field }
  | { readonly of: "struct"; readonly struct: Struct<unknown> }
  | { readonly of: "address" | "text" | "flag" | "amount" };

type Values = Readonly<Record<string, unknown>>;

/** All that is known of a field but how it is read. */
export interface Field {
  /** As the body names it; two fields that stand in the bits of one have both names. */
  name: string;
  /** As wallets show it; the body's name where nothing else is said. */
  shown: string;
  /** What the tables of the protocol say of it beside its name. */
  readonly note: string;
  readonly range: FieldRange;
  /** Its EIP-712 type. */
  readonly type: string;
  readonly encode: (value: never, body: Values) => Wire;
  /** As viem and wallets take it: bytes as hex, integers as bigints. */
  readonly show: (value: never) => unknown;
}

/** The fields of a body or of a struct inside one. */
export interface Layout {
  /** In the order of the wire. */
  readonly wire: readonly Field[];
  /** In the order of the body and of its EIP-712 struct. */
  readonly members: readonly Field[];
}

/** A list of fields inside a body. */
export interface Struct<T> extends Layout {
  /** Its EIP-712 name. */
  readonly name: string;
  /** What the protocol's text calls it. */
  readonly term: string;
  readonly read: (fields: Fields) => T;
}

export type StructOf<S> = S extends Struct<infer T> ? T : never;

export function declareStruct<T extends object>(
  name: string,
  term: string,
  read: (fields: Fields) => T,
): Struct<Readonly<T>> {
  return { name, term, read, ...recordLayout(read) };
}

/** The wire form of a body's fields. */
export function encodeFields({ wire }: Layout, body: Values): Wire {
  const items: Wire[] = [];
  for (const { name, encode } of wire) items.push(encode(body[name] as never, body));
  return items;
}

/** A body's fields as wallets take them, added to `message`. */
export function showFields(
  { members }: Layout,
  body: Values,
  message: Record<string, unknown> = {},
): Record<string, unknown> {
  for (const { name, shown, show } of members) message[shown] = show(body[name] as never);
  return message;
}

/** What a declaration's reading asks for: it is answered with fields in place of values. */
export function recordLayout(read: (fields: Fields) => object): Layout {
  const recorder = new FieldRecorder();
  const members: Field[] = [];
  for (const [name, field] of Object.entries(read(recorder))) {
    // The body's own kind stands outside of it on the wire.
    if (typeof field === "string") continue;
    if (!recorder.recorded.has(field)) throw new RangeError(`${name} is read from no field`);
    field.name = name;
    field.shown ||= name;
    members.push(field);
  }
  for (const { flags, parts } of recorder.bits) {
    flags.name = parts.map(({ field }) => field.name).join("/");
  }
  return { wire: recorder.wire, members };
}

interface Bits {
  readonly flags: Field;
  readonly parts: { readonly field: Field; readonly mask: number; readonly one: unknown }[];
}

const NONE: Values = {};
const asIs = (value: Wire): Wire => value;
/** Zigzag: 0, −1, 1, −2 … travel as 0, 1, 2, 3 …. */
const zigzag = (value: number): Wire => encodeUint(value >= 0 ? 2 * value : -2 * value - 1);

class FieldRecorder extends Fields {
  readonly wire: Field[] = [];
  readonly recorded = new Set<unknown>();
  readonly bits: Bits[] = [];

  constructor() {
    super([]);
  }

  override bytes(lengthMin: number, lengthMax = lengthMin, note = ""): Uint8Array {
    const isWord = lengthMin === lengthMax && lengthMax <= 32;
    const type = isWord ? `bytes${lengthMax}` : "bytes";
    return this.#take(type, { of: "bytes", lengthMin, lengthMax }, { note, show: hex });
  }
  override optionalBytes(length: number): Uint8Array {
    return this.#take("bytes", { of: "optional bytes", length }, { show: hex });
  }
  override address(note = ""): Uint8Array {
    return this.#take("address", { of: "address" }, { note, show: hex });
  }
  override text(note = ""): string {
    return this.#take("string", { of: "text" }, { note });
  }
  override flag(): boolean {
    return this.#take("bool", { of: "flag" });
  }
  override amount(): bigint {
    return this.#take("uint256", { of: "amount" }, { encode: encodeUint });
  }
  override count(max: number, note = "", shown = ""): number {
    const encode = max < 2 ** 32 ? asIs : encodeUint;
    return this.#take("uint256", { of: "count", max }, { note, shown, encode, show: BigInt });
  }
  override id(entity: Entity, note = ""): number {
    return this.#take("uint256", { of: "id", entity }, { note, encode: encodeId, show: showId });
  }
  override escrowId(): Uint8Array {
    const range = { of: "id", entity: "escrow" } as const;
    return this.#take("bytes16", range, { note: "16", encode: encodeId, show: showId });
  }
  override seconds(max: number, shown: string): number {
    return this.count(max, "", shown);
  }
  override keyGroup(): number {
    return this.count(KEY_GROUPS_MAX - 1, "", "keyGroup");
  }
  override signed(magnitudeMax: number): number {
    const range = { of: "signed", magnitudeMax } as const;
    return this.#take("int256", range, { note: "zigzag", encode: zigzag, show: BigInt });
  }
  override choice<T extends string>(names: readonly T[]): T {
    return this.#take(
      "string",
      { of: "choice", names },
      { encode: (name: T) => names.indexOf(name) },
    );
  }
  override flags(mask: number, note: string): number {
    const parts: Bits["parts"] = [];
    const encode = (_: never, body: Values) => {
      let flags = 0;
      for (const { field, mask, one } of parts) if (body[field.name] === one) flags |= mask;
      return flags;
    };
    const flags = { of: "flags", max: mask } as const;
    const field = this.#take<Field>("uint256", flags, { note, shown: "flags", encode });
    this.bits.push({ flags: field, parts });
    return field as never;
  }
  override bit(flags: number, mask: number): boolean {
    return this.#part(flags, mask, true, this.#record("bool", { of: "flag" }));
  }
  override bitChoice<T extends string>(flags: number, mask: number, names: readonly [T, T]): T {
    return this.#part(flags, mask, names[1], this.#record("string", { of: "choice", names }));
  }
  override fit<T>(value: T): T {
    return value;
  }
  override list<T>(countMax: number, read: (fields: Fields) => T): readonly T[] {
    return this.#list(countMax, read(new FieldRecorder()) as Field);
  }
  override structs<T>(countMax: number, struct: Struct<T>): readonly T[] {
    return this.#list(countMax, new FieldRecorder().struct(struct) as Field);
  }
  override struct<T>(struct: Struct<T>): T {
    const encode = (value: Values) => encodeFields(struct, value);
    const show = (value: Values) => showFields(struct, value);
    return this.#take(struct.name, { of: "struct", struct }, { encode, show });
  }

  #list<T>(countMax: number, item: Field): readonly T[] {
    const { type, encode, show } = item;
    return this.#take(
      `${type}[]`,
      { of: "list", countMax, item },
      {
        encode: encode === asIs ? asIs : (list: never[]) => list.map((one) => encode(one, NONE)),
        show: (list: never[]) => list.map(show),
      },
    );
  }
  #part<T>(flags: number, mask: number, one: unknown, part: T): T {
    const bits = this.bits.find(({ flags: field }) => field === (flags as unknown));
    bits?.parts.push({ field: part as Field, mask, one });
    return part;
  }
  #take<T>(type: string, range: FieldRange, rest: Partial<Field> = {}): T {
    const field = this.#record<T>(type, range, rest);
    this.wire.push(field as Field);
    return field;
  }
  /** The one place where a field stands for the value that reading would give. */
  #record<T>(type: string, range: FieldRange, rest: Partial<Field> = {}): T {
    const none = { name: "", shown: "", note: "" };
    const field: Field = { ...none, encode: asIs, show: (value) => value, type, range, ...rest };
    this.recorded.add(field);
    return field as T;
  }
}
