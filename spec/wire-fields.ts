import { decodeUint, type Wire } from "./codec.ts";
import { COUNTER_MAX, KEY_GROUPS_MAX } from "./limits.ts";
import {
  decodeReference,
  type Entity,
  ESCROW_ID_BYTES,
  findReference,
  referTo,
  referToEscrow,
} from "./references.ts";

/** What is read off fields: a struct inside a body. */
interface Readable<T> {
  readonly read: (fields: Fields) => T;
}

/**
 * The vocabulary of fields, and how each is read off the wire: the first one that does not fit makes
 * the whole reading fail. A declaration reads its fields in their order on the wire, so that it is
 * its own decoder; `field-layout.ts` runs it once more to learn all else about them.
 *
 * `shown` is the name of a field for wallets, where it is not the body's; `_note` what the tables of
 * the protocol say of it, where its kind does not say enough. Reading needs neither.
 */
export class Fields {
  hasFailed = false;
  readonly #items: readonly Wire[];
  #next = 0;

  constructor(value: Wire | undefined) {
    this.#items = Array.isArray(value) ? value : [];
    if (!Array.isArray(value)) this.hasFailed = true;
  }

  peek(): Wire | undefined {
    return this.#items[this.#next];
  }
  take(): Wire | undefined {
    const item = this.#items[this.#next++];
    if (item === undefined) this.hasFailed = true;
    return item;
  }
  bytes(lengthMin: number, lengthMax = lengthMin, _note?: string): Uint8Array {
    const item = this.take();
    if (item instanceof Uint8Array && item.length >= lengthMin && item.length <= lengthMax) {
      // A plain view: msgpackr answers with the host's Buffer where there is one.
      return new Uint8Array(item.buffer, item.byteOffset, item.length);
    }
    this.hasFailed = true;
    return EMPTY;
  }
  text(_note?: string): string {
    const item = this.take();
    if (typeof item === "string") return item;
    this.hasFailed = true;
    return "";
  }
  flag(): boolean {
    const item = this.take();
    if (typeof item !== "boolean") this.hasFailed = true;
    return item === true;
  }
  address(_note?: string): Uint8Array {
    return this.bytes(20);
  }
  /** r ‖ s ‖ v. */
  signature(): Uint8Array {
    return this.bytes(65);
  }
  /** Base units of a token, or any other integer of 256 bits. */
  amount(): bigint {
    const value = decodeUint(this.take());
    if (value === undefined) this.hasFailed = true;
    return value ?? 0n;
  }
  counter(): number {
    return this.count(COUNTER_MAX);
  }
  /** An identifier from 1 on (a channel's: from 0), or a reference (spec §1.7). */
  id(_entity: Exclude<Entity, "escrow">, note?: string): number {
    return Array.isArray(this.peek()) ? referTo(this.#place()) : this.count(COUNTER_MAX, note);
  }
  /** An escrow's identifier, or a reference to where it is opened (spec §1.7). */
  escrowId(): Uint8Array {
    if (Array.isArray(this.peek())) return referToEscrow(this.#place());
    const id = this.bytes(ESCROW_ID_BYTES);
    // A reference has one form.
    if (findReference(id) !== undefined) this.hasFailed = true;
    return id;
  }
  #place(): number {
    const place = decodeReference(this.take());
    if (place === undefined) this.hasFailed = true;
    return place ?? 0;
  }
  seconds(max: number, _shown: string): number {
    return this.count(max);
  }
  /** A metric's `group`, which wallets have shown under this name since the first version. */
  keyGroup(): number {
    return this.count(KEY_GROUPS_MAX - 1);
  }
  count(max: number, _note?: string): number {
    const item = this.take();
    if (typeof item === "number") {
      if (item > max) this.hasFailed = true;
      return item;
    }
    const value = decodeUint(item);
    if (value === undefined || value > BigInt(max)) {
      this.hasFailed = true;
      return 0;
    }
    return Number(value);
  }
  /** Zigzag: 0, −1, 1, −2 … travel as 0, 1, 2, 3 …. */
  signed(magnitudeMax: number): number {
    const value = this.count(2 * magnitudeMax);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  /** A number of which `bit` and `bitChoice` read the bits. */
  flags(mask: number, _note: string): number {
    return this.count(mask);
  }
  bit(flags: number, mask: number): boolean {
    return (flags & mask) !== 0;
  }
  /** One of two names: the first where the bit is 0. */
  bitChoice<T extends string>(flags: number, mask: number, names: readonly [T, T]): T {
    return (flags & mask) === 0 ? names[0] : names[1];
  }
  /** Fields that must fit each other. */
  fit<T>(value: T, rule: (value: T) => boolean): T {
    if (!rule(value)) this.hasFailed = true;
    return value;
  }
  /** A list of plain values: `read` takes each of them. */
  list<T>(countMax: number, read: (fields: Fields) => T): readonly T[] {
    const items = this.#takeList(countMax);
    const fields = new Fields(items);
    const values: T[] = [];
    while (values.length < items.length) values.push(read(fields));
    if (!fields.isDone()) this.hasFailed = true;
    return values;
  }
  /** A list of lists. */
  structs<T>(countMax: number, { read }: Readable<T>): readonly T[] {
    const values: T[] = [];
    for (const entry of this.#takeList(countMax)) values.push(this.#read(entry, read));
    return values;
  }
  /** A list inside the body. */
  struct<T>({ read }: Readable<T>): T {
    return this.#read(this.take(), read);
  }
  #takeList(countMax: number): readonly Wire[] {
    const item = this.take();
    if (Array.isArray(item) && item.length <= countMax) return item;
    this.hasFailed = true;
    return [];
  }
  #read<T>(value: Wire | undefined, read: (fields: Fields) => T): T {
    const fields = new Fields(value);
    const result = read(fields);
    if (!fields.isDone()) this.hasFailed = true;
    return result;
  }
  /** One of a list of names; the wire carries its place. */
  choice<T extends string>(names: readonly T[]): T {
    return names[this.count(names.length - 1)] ?? names[0]!;
  }
  /** Nothing, or bytes of one length. */
  optionalBytes(length: number): Uint8Array {
    const value = this.bytes(0, length);
    if (value.length !== 0 && value.length !== length) this.hasFailed = true;
    return value;
  }
  isDone(): boolean {
    return !this.hasFailed && this.#next === this.#items.length;
  }
}

const EMPTY = new Uint8Array(0);
