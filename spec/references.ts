import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeUint, type Wire } from "./codec.ts";
import { OPERATIONS_MAX } from "./limits.ts";

/**
 * Identifiers that an operation takes from an earlier one of its input (spec §1.7). In a body such a
 * reference stands in the identifier's place as the number −1 − i, i the earlier operation's place;
 * in the 16 bytes of an escrow's, and in EIP-712's words, as its two's complement.
 */

/** What an operation can make, and a later one of the same input can name by it. */
export type Entity = "device" | "stream" | "batch" | "channel" | "service" | "escrow";

export const ESCROW_ID_BYTES = 16;

/**
 * The identifier of what an operation of the same input makes.
 *
 * @param operation Its place in the input, from 0.
 * @example
 * [registerDevice.body({ device }), declareStream.body({ deviceId: referTo(0), name, metrics })]
 */
export function referTo(operation: number): number {
  if (!isPlace(operation)) throw new RangeError(`no input has an operation ${operation}`);
  return -1 - operation;
}

/** The same for an escrow that an operation of the input opens: 16 bytes. */
export function referToEscrow(operation: number): Uint8Array {
  const bytes = new Uint8Array(ESCROW_ID_BYTES).fill(0xff);
  bytes[ESCROW_ID_BYTES - 1] = 0xff + 1 + referTo(operation);
  return bytes;
}

/** The place that an identifier refers to; `undefined` where it is an identifier itself. */
export function findReference(id: number | Uint8Array): number | undefined {
  if (typeof id === "number") return id < 0 ? -1 - id : undefined;
  const last = ESCROW_ID_BYTES - 1;
  for (let i = 0; i < last; i++) if (id[i] !== 0xff) return undefined;
  return 0xff - id[last]!;
}

/** What the wire carries for an identifier: itself, or a list of the one place that it refers to. */
export function encodeId(id: number | Uint8Array): Wire {
  const place = findReference(id);
  if (place === undefined) return typeof id === "number" ? encodeUint(id) : id;
  if (!isPlace(place)) throw new RangeError(`no input has an operation ${place}`);
  return [place];
}

/** The place in a reference's wire form; `undefined` for any other value. */
export function decodeReference(item: Wire | undefined): number | undefined {
  if (!Array.isArray(item) || item.length !== 1) return undefined;
  const [place] = item as readonly Wire[];
  return typeof place === "number" && isPlace(place) ? place : undefined;
}

const isPlace = (place: number): boolean =>
  Number.isInteger(place) && place >= 0 && place < OPERATIONS_MAX;

/** As wallets show it: the place's two's complement for a reference. */
export const showId = (id: number | Uint8Array): unknown =>
  typeof id === "number" ? BigInt.asUintN(256, BigInt(id)) : `0x${bytesToHex(id)}`;
