import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { type Cell, TABLES, type Table } from "./tables.ts";
import { writeUint } from "./words.ts";

/** LtHash: 1,024 lanes of 16 bits (spec §6.2). */
export const LANE_COUNT = 1_024;
export const ROW_HASH_BYTES = LANE_COUNT * 2;

const ROW_DOMAIN = utf8ToBytes("tallyroll/row/2");
const ROOT_DOMAIN = utf8ToBytes("tallyroll/root/2");
const CELL_NULL = 0;
const CELL_INTEGER = 1;
const CELL_TEXT = 2;
const CELL_BLOB = 3;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The one encoding of a row: domain ‖ table name ‖ typed cells, each with its length in front, so
 * that no two rows of any tables share bytes (spec §6.2). Integers are 8 bytes, offset by 2^63.
 */
export function encodeRow(table: string, cells: readonly Cell[]): Uint8Array {
  const parts = cells.map((cell) => (typeof cell === "string" ? utf8ToBytes(cell) : cell));
  const name = utf8ToBytes(table);
  let byteCount = ROW_DOMAIN.length + 1 + name.length;
  for (const part of parts) byteCount += typeof part === "object" && part ? 5 + part.length : 9;
  const row = new Uint8Array(byteCount);
  row.set(ROW_DOMAIN);
  row[ROW_DOMAIN.length] = name.length;
  row.set(name, ROW_DOMAIN.length + 1);
  let at = ROW_DOMAIN.length + 1 + name.length;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === null || part === undefined) {
      row[at] = CELL_NULL;
      at += 1;
    } else if (typeof part === "number") {
      row[at] = CELL_INTEGER;
      writeInteger(row, at + 1, part);
      at += 9;
    } else {
      row[at] = typeof cells[i] === "string" ? CELL_TEXT : CELL_BLOB;
      writeUint(row, at + 1, 4, part.length);
      row.set(part, at + 5);
      at += 5 + part.length;
    }
  }
  return row.subarray(0, at);
}

/** Two's complement with the sign bit flipped: every integer of the state is a safe one. */
function writeInteger(target: Uint8Array, offset: number, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
  const high = Math.floor(value / 2 ** 32);
  const low = value - high * 2 ** 32;
  writeUint(target, offset, 4, high + 2 ** 31);
  writeUint(target, offset + 4, 4, low);
}

/** The row's 1,024 lanes, little-endian 16-bit: BLAKE3 in extendable-output mode. */
export function computeRowLanes(crypto: Crypto, row: Uint8Array): Uint16Array {
  const bytes = crypto.blake3(row, ROW_HASH_BYTES);
  // Where the host's order is the spec's, the bytes are the lanes; three rows an input feel it.
  if (IS_LITTLE_ENDIAN && bytes.byteOffset % 2 === 0) {
    return new Uint16Array(bytes.buffer, bytes.byteOffset, LANE_COUNT);
  }
  const lanes = new Uint16Array(LANE_COUNT);
  for (let i = 0; i < LANE_COUNT; i++) lanes[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return lanes;
}

/** Adds (`sign` 1) or removes (`sign` −1) a row, lane by lane modulo 2^16, in place. */
export function accumulateRow(lanes: Uint16Array, row: Uint16Array, sign: 1 | -1): void {
  if (sign === 1) for (let i = 0; i < LANE_COUNT; i++) lanes[i] = lanes[i]! + row[i]!;
  else for (let i = 0; i < LANE_COUNT; i++) lanes[i] = lanes[i]! - row[i]!;
}

/** SHA-256 over domain ‖ schema hash ‖ lanes as little-endian bytes. */
export function computeRoot(
  crypto: Crypto,
  schemaHash: Uint8Array,
  lanes: Uint16Array,
): Uint8Array {
  const message = new Uint8Array(ROOT_DOMAIN.length + schemaHash.length + ROW_HASH_BYTES);
  message.set(ROOT_DOMAIN);
  message.set(schemaHash, ROOT_DOMAIN.length);
  message.set(lanesToBytes(lanes), ROOT_DOMAIN.length + schemaHash.length);
  return crypto.sha256(message);
}

function lanesToBytes(lanes: Uint16Array): Uint8Array {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(lanes.buffer, lanes.byteOffset, ROW_HASH_BYTES);
  const bytes = new Uint8Array(ROW_HASH_BYTES);
  for (let i = 0; i < LANE_COUNT; i++) {
    bytes[2 * i] = lanes[i]! & 0xff;
    bytes[2 * i + 1] = lanes[i]! >> 8;
  }
  return bytes;
}

/** SHA-256 over the tables and their typed columns, one line a table. */
export function computeSchemaHash(crypto: Crypto, tables: readonly Table[] = TABLES): Uint8Array {
  const lines = tables.map((table) => {
    const columns = table.columns.map((c) => `${c.name} ${c.type}${c.isNullable ? "?" : ""}`);
    return `${table.name}(${columns.join(",")}) key(${table.key.join(",")})\n`;
  });
  return crypto.sha256(
    concatBytes(utf8ToBytes("tallyroll/schema/2\n"), utf8ToBytes(lines.join(""))),
  );
}
