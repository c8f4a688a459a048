import { concatBytes } from "@noble/hashes/utils.js";
import { decodePaddedWire, encodeUint, encodeWire, type Wire } from "../../spec/codec.ts";
import { OPERATIONS_MAX } from "../../spec/limits.ts";
import { randomValue } from "./hostile-bytes.ts";
import type { SeededRng } from "./seeded-rng.ts";

type List = readonly Wire[];

/**
 * A valid plain payload with one thing changed behind the codec: canonical bytes whose operations
 * have a field swapped, replaced, left out or doubled, or another kind or authorization.
 */
export function mutateFields(payload: Uint8Array, other: Uint8Array, rng: SeededRng): Uint8Array {
  const list = readList(payload);
  if (list === undefined) return payload;
  const changed = mutateList(list, readList(other) ?? list, rng);
  const packed = encodeWire(changed);
  // What was padded stays so: the operations are to be looked at, not their price.
  const padding = new Uint8Array(Math.max(0, payload.length - 1 - packed.length));
  return concatBytes(Uint8Array.of(1), packed, padding);
}

function readList(payload: Uint8Array): List | undefined {
  const list = payload[0] === 1 ? decodePaddedWire(payload.subarray(1)) : undefined;
  return Array.isArray(list) ? list : undefined;
}

function mutateList(list: List, other: List, rng: SeededRng): List {
  const at = rng.below(list.length);
  const operation = list[at]!;
  const stranger = other[rng.below(other.length)] ?? operation;
  const [kind = 0, authorization = 0, body = []] = asList(operation);
  const [otherKind = 0, otherAuthorization = 0, otherBody = []] = asList(stranger);
  const replaced = (next: Wire): List => list.map((item, i) => (i === at ? next : item));
  switch (rng.below(9)) {
    case 0:
      return replaced([kind, otherAuthorization, body]);
    case 1:
      return replaced([otherKind, authorization, body]);
    case 2:
      return replaced([kind, authorization, otherBody]);
    case 3:
      return replaced([kind, mutateTree(authorization, rng), body]);
    case 4: // The same again and again: what counts once must not count twice.
      return Array.from({ length: rng.between(2, 5) }, () => operation);
    case 5:
      return [...list, ...other].slice(0, OPERATIONS_MAX);
    default:
      return replaced([kind, authorization, mutateTree(body, rng)]);
  }
}

const asList = (value: Wire): List => (Array.isArray(value) ? value : []);

/** One leaf or list somewhere inside becomes something else. */
function mutateTree(value: Wire, rng: SeededRng): Wire {
  if (!Array.isArray(value) || value.length === 0) return mutateLeaf(value, rng);
  const list: List = value;
  const at = rng.below(list.length);
  switch (rng.below(10)) {
    case 0:
      return list.filter((_, i) => i !== at);
    case 1:
      return [...list, list[at]!];
    case 2: {
      const with_ = rng.below(list.length);
      return list.map((item, i) => (i === at ? list[with_]! : i === with_ ? list[at]! : item));
    }
    case 3:
      return [list];
    default:
      return list.map((item, i) => (i === at ? mutateTree(item, rng) : item));
  }
}

const EXTREMES = [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 48n - 1n, 2n ** 48n, 2n ** 49n] as const;
const WIDE = [2n ** 50n, 2n ** 50n + 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n, 2n ** 256n - 1n];

function mutateLeaf(value: Wire, rng: SeededRng): Wire {
  switch (rng.below(8)) {
    case 0:
      return randomValue(rng, 3);
    case 1:
    case 2:
      return encodeUint(rng.pick(rng.chance(2) ? EXTREMES : WIDE));
    case 3: // An integer in bytes that it does not need.
      return rng.bytes(rng.between(1, 33));
    case 4:
      return typeof value === "number" ? Math.min(2 ** 32 - 1, value + 1) : [value];
    default:
      return nudge(value, rng);
  }
}

/** Nearly what it was. */
function nudge(value: Wire, rng: SeededRng): Wire {
  if (typeof value === "number") return Math.max(0, value - 1);
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return rng.pick([`${value} `, value.slice(1), `${value}\u0007`]);
  if (!(value instanceof Uint8Array) || value.length === 0) return value;
  const bytes = Uint8Array.from(value);
  if (rng.chance(4)) return bytes.subarray(1);
  bytes[rng.below(bytes.length)]! ^= 1 << rng.below(8);
  return bytes;
}
