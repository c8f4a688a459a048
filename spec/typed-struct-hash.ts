import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { encodeWord } from "./words.ts";

/**
 * EIP-712's `hashStruct` for the structs of operations, from values as viem takes them. Every
 * relayed operation is hashed; viem's own describes and hashes the types each time. The vectors
 * hold both to the same digests.
 */

export type StructFields = readonly { readonly name: string; readonly type: string }[];
export type StructTypes = Readonly<Record<string, StructFields>>;

/** The fields of a struct are one list for good, and with it the struct inside of it. */
const typeHashes = new WeakMap<StructFields, Uint8Array>();

/**
 * The 32-byte hash of a struct.
 *
 * @param values By field name: bytes as hex, integers as bigints.
 * @throws RangeError for bytes of another length or an integer outside uint256.
 */
export function hashStruct(
  types: StructTypes,
  name: string,
  values: Readonly<Record<string, unknown>>,
): Uint8Array {
  const members = types[name]!.map((field) => encodeMember(types, field.type, values[field.name]));
  return keccak_256(concatBytes(getTypeHash(types, name), ...members));
}

function getTypeHash(types: StructTypes, name: string): Uint8Array {
  const fields = types[name]!;
  const known = typeHashes.get(fields);
  if (known !== undefined) return known;
  const used = new Set(fields.map(({ type }) => type.replace("[]", "")));
  // Structs are nested once only: those that are used name no others.
  const others = Object.keys(types).filter((other) => used.has(other));
  const typeHash = keccak_256(
    utf8ToBytes([name, ...others.sort()].map((each) => describe(types, each)).join("")),
  );
  typeHashes.set(fields, typeHash);
  return typeHash;
}

const describe = (types: StructTypes, name: string): string =>
  `${name}(${types[name]!.map((field) => `${field.type} ${field.name}`).join(",")})`;

/** EIP-712 `encodeData` of one member: a word. */
function encodeMember(types: StructTypes, type: string, value: unknown): Uint8Array {
  if (type.endsWith("[]")) {
    const items = value as readonly unknown[];
    const words = items.map((item) => encodeMember(types, type.slice(0, -2), item));
    return keccak_256(concatBytes(...words));
  }
  if (type in types) return hashStruct(types, type, value as Record<string, unknown>);
  if (type === "string") return keccak_256(utf8ToBytes(value as string));
  if (type === "bool") return encodeWord(value === true ? 1n : 0n);
  if (type === "uint256") return encodeWord(value as bigint);
  if (type === "int256") return encodeWord(BigInt.asUintN(256, value as bigint));
  const bytes = hexToBytes((value as string).slice(2));
  return type === "bytes" ? keccak_256(bytes) : padBytes(type, bytes);
}

/** An address stands at the end of its word, `bytesN` at the beginning. */
function padBytes(type: string, bytes: Uint8Array): Uint8Array {
  const size = type === "address" ? 20 : Number(type.slice("bytes".length));
  if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes are not ${type}`);
  const word = new Uint8Array(32);
  word.set(bytes, type === "address" ? 32 - size : 0);
  return word;
}
