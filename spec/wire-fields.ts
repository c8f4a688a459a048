import { decodeUint, type Wire } from "./codec.ts";

/** Reads positional fields; the first one that does not fit makes the whole reading fail. */
export class Fields {
  hasFailed = false;
  readonly #items: readonly Wire[];
  #next = 0;

  constructor(value: Wire | undefined) {
    this.#items = Array.isArray(value) ? value : [];
    if (!Array.isArray(value)) this.hasFailed = true;
  }

  take(): Wire | undefined {
    const item = this.#items[this.#next++];
    if (item === undefined) this.hasFailed = true;
    return item;
  }
  bytes(lengthMin: number, lengthMax = lengthMin): Uint8Array {
    const item = this.take();
    if (item instanceof Uint8Array && item.length >= lengthMin && item.length <= lengthMax) {
      // A plain view: msgpackr answers with the host's Buffer where there is one.
      return new Uint8Array(item.buffer, item.byteOffset, item.length);
    }
    this.hasFailed = true;
    return EMPTY;
  }
  text(): string {
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
  amount(): bigint {
    const value = decodeUint(this.take());
    if (value === undefined) this.hasFailed = true;
    return value ?? 0n;
  }
  count(max: number): number {
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
  /** A list of plain values: `read` takes each of them. */
  list<T>(countMax: number, read: (fields: Fields) => T): T[] {
    return this.#entries(countMax, (entry) => new Fields([entry]), read);
  }
  /** A list of lists: `read` takes the fields of each. */
  structs<T>(countMax: number, read: (fields: Fields) => T): T[] {
    return this.#entries(countMax, (entry) => new Fields(entry), read);
  }
  #entries<T>(
    countMax: number,
    fieldsOf: (entry: Wire) => Fields,
    read: (fields: Fields) => T,
  ): T[] {
    const item = this.take();
    if (!Array.isArray(item) || item.length > countMax) {
      this.hasFailed = true;
      return [];
    }
    return item.map((entry: Wire) => {
      const fields = fieldsOf(entry);
      const value = read(fields);
      if (!fields.isDone()) this.hasFailed = true;
      return value;
    });
  }
  /** One of a list of names; the wire carries its place. */
  choice<T extends string>(names: readonly T[]): T {
    return names[this.count(names.length - 1)] ?? names[0]!;
  }
  /** A list inside the body: `read` takes its fields. */
  struct<T>(read: (fields: Fields) => T): T {
    const fields = new Fields(this.take());
    const value = read(fields);
    if (!fields.isDone()) this.hasFailed = true;
    return value;
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
