/**
 * Bit streams, most significant bit first (spec §3.3). All fields are plain numbers: up to 53 bits,
 * no BigInt, no DataView, because every reading of every batch passes through here.
 */

/** Most bits one field can have: the widest integer that is exact in a double. */
const FIELD_BITS_MAX = 53;
/** Rice quotients above this are escaped (spec §3.3): 24 ones, then the residual in 53 bits. */
export const RICE_QUOTIENT_MAX = 23;
/** Zero bytes after the reader's copy: no single read looks further past the last bit. */
const READER_PADDING_BYTES = 8;

/** Appends fields to a buffer that grows; unused bits of the last byte are zero. */
export class BitWriter {
  #bytes = new Uint8Array(256);
  #byteCount = 0;
  /** The `#pending` low bits of `#tail` wait to fill a byte; higher bits are stale. */
  #tail = 0;
  #pending = 0;

  /**
   * Appends the `width` low bits of `value`, 0 to 53.
   *
   * @throws RangeError when the value is not a non-negative integer of that width.
   */
  writeBits(value: number, width: number): void {
    if (width > FIELD_BITS_MAX || !Number.isInteger(value) || value < 0 || value >= 2 ** width) {
      throw new RangeError(`${value} does not fit ${width} bits`);
    }
    this.#write(value, width);
  }

  /** A number: 6 bits of length, then that many bits, the first of them one. 0 has length 0. */
  writeNumber(value: number): void {
    const width = computeBitLength(value);
    this.writeBits(width, 6);
    this.writeBits(value, width);
  }

  /** A signed number: the number of its zigzag. */
  writeSigned(value: number): void {
    this.writeNumber(encodeZigzag(value));
  }

  /** A Rice residual of parameter `k`: quotient in ones, a zero, `k` bits; or the escape. */
  writeRice(residual: number, k: number): void {
    const quotient = Math.floor(residual / 2 ** k);
    if (quotient > RICE_QUOTIENT_MAX) {
      this.#write(0xff_ffff, 24);
      this.writeBits(residual, FIELD_BITS_MAX);
      return;
    }
    this.#write(2 ** (quotient + 1) - 2, quotient + 1);
    this.writeBits(residual - quotient * 2 ** k, k);
  }

  /** The bytes written so far, the last one filled up with zero bits. */
  finish(): Uint8Array {
    if (this.#pending > 0) this.#write(0, 8 - this.#pending);
    return this.#bytes.slice(0, this.#byteCount);
  }

  #write(value: number, width: number): void {
    if (width > 24) {
      const high = Math.floor(value / 2 ** 24);
      this.#write(high, width - 24);
      this.#write(value - high * 2 ** 24, 24);
      return;
    }
    this.#tail = (this.#tail << width) | value;
    this.#pending += width;
    while (this.#pending >= 8) {
      this.#pending -= 8;
      if (this.#byteCount === this.#bytes.length) this.#grow();
      this.#bytes[this.#byteCount++] = this.#tail >>> this.#pending;
    }
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/**
 * Reads fields from a copy of `bytes`. Never throws and never reads past the end: a read that would
 * do so, or that meets a malformed number, sets `failed` for good and gives 0. Callers may go on
 * reading and look at `failed` once, as long as their loops are bounded by something else.
 */
export class BitReader {
  /** Bits consumed. */
  position = 0;
  failed = false;
  readonly #bytes: Uint8Array;
  readonly #bitCount: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes.length + READER_PADDING_BYTES);
    this.#bytes.set(bytes);
    this.#bitCount = bytes.length * 8;
  }

  /** Marks the stream as malformed; nothing but zeros comes out of it from then on. */
  fail(): number {
    this.failed = true;
    this.position = this.#bitCount;
    return 0;
  }

  /** The next `width` bits, 0 to 53, as a non-negative integer. */
  readBits(width: number): number {
    if (width > 32) {
      const high = this.readBits(width - 32);
      return high * 2 ** 32 + this.readBits(32);
    }
    const next = this.position + width;
    if (next > this.#bitCount) return this.fail();
    // A shift by 32 is a shift by 0 in JavaScript, so a field of no bits takes its own way out.
    const value = width === 0 ? 0 : this.#peek() >>> (32 - width);
    this.position = next;
    return value;
  }

  /** Inverse of `writeNumber`; fails on a length above 53 or a first bit of zero. */
  readNumber(): number {
    const width = this.readBits(6);
    if (width === 0) return 0;
    if (width > FIELD_BITS_MAX) return this.fail();
    const value = this.readBits(width);
    return value < 2 ** (width - 1) ? this.fail() : value;
  }

  /** Inverse of `writeSigned`. */
  readSigned(): number {
    return decodeZigzag(this.readNumber());
  }

  /**
   * Inverse of `writeRice`. The result is exact up to 2^53 and above it only known to be larger,
   * which is enough for callers that refuse such values anyway.
   */
  readRice(k: number): number {
    const window = this.#peek();
    const ones = Math.clz32(~window);
    const width = ones + 1 + k;
    if (width > 32 || ones > RICE_QUOTIENT_MAX) return this.#readWideRice(ones, k);
    const next = this.position + width;
    if (next > this.#bitCount) return this.fail();
    this.position = next;
    // Two shifts instead of one by 32 − k, which would be a shift by 0 for k = 0.
    return (ones << k) | (((window << (ones + 1)) >>> 1) >>> (31 - k));
  }

  /** The padding up to the next byte boundary is zero bits only. */
  isPaddingZero(): boolean {
    const used = this.position & 7;
    return used === 0 || (this.#bytes[this.position >>> 3]! & (0xff >>> used)) === 0;
  }

  /** Escapes and residuals that the 32-bit window does not hold. */
  #readWideRice(ones: number, k: number): number {
    if (ones > RICE_QUOTIENT_MAX) {
      this.readBits(RICE_QUOTIENT_MAX + 1);
      return this.readBits(FIELD_BITS_MAX);
    }
    this.readBits(ones + 1);
    return ones * 2 ** k + this.readBits(k);
  }

  /** The next 32 bits, zeros after the end; does not move. `position` never passes the end. */
  #peek(): number {
    const bytes = this.#bytes;
    const at = this.position >>> 3;
    const shift = this.position & 7;
    const word =
      (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return (word << shift) | (bytes[at + 4]! >>> (8 - shift));
  }
}

/** Bits of a non-negative safe integer: 0 for 0, else 1 + floor(log2). */
export function computeBitLength(value: number): number {
  if (value < 2 ** 32) return 32 - Math.clz32(value);
  return 64 - Math.clz32(Math.floor(value / 2 ** 32));
}

/** 0, −1, 1, −2, … become 0, 1, 2, 3, …: small magnitudes become small numbers. */
export function encodeZigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Inverse of `encodeZigzag`; never gives −0. */
export function decodeZigzag(value: number): number {
  if (value < 2 ** 31) return (value >>> 1) ^ -(value & 1);
  const half = Math.floor(value / 2);
  return value - 2 * half === 1 ? -half - 1 : half;
}
