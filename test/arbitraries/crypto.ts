/**
 * Generators of keys and signatures, honest and not, for the tests of cryptography. The signers
 * work on points and scalars themselves, so that they can make what no library would: keys with a
 * component of small order, points in other encodings, high s.
 */

import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesBE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";

/** Bytes of a length drawn from `lengths`, cheap even by the thousand. */
export const patterned = (lengths: fc.Arbitrary<number>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(lengths, fc.integer()).map(([length, start]) => {
    let state = start >>> 0;
    return Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
  });

export const bytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

/** The same bytes with one bit the other way; unchanged when there are none. */
export function flipBit(of: Uint8Array, bit: number): Uint8Array {
  const flipped = of.slice();
  if (of.length > 0) flipped[(bit >>> 3) % of.length]! ^= 1 << (bit & 7);
  return flipped;
}

/** A scalar from 1 to order − 1. */
export const scalarBelow = (order: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.bigInt(1n, order - 1n) },
    { weight: 1, arbitrary: fc.constantFrom(1n, 2n, order - 1n, order / 2n, order / 2n + 1n) },
  );

const { Point } = ed25519;
export const ED25519_ORDER = Point.Fn.ORDER;
/** The eight points of small order, the identity first. */
const TORSION = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex)).sort(
  (left, right) => Number(right.is0()) - Number(left.is0()),
);

/** Encodings that RFC 8032 does not allow: y ≥ p, or a sign where x is zero. */
const ODD_ENCODINGS = [
  `01${"00".repeat(30)}80`,
  `ec${"ff".repeat(31)}`,
  `ed${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(31)}`,
  `ee${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(31)}`,
  `f0${"ff".repeat(30)}7f`,
  `ff${"ff".repeat(30)}ff`,
].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));

export interface Ed25519Case {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** The key is canonical, of prime order. */
  readonly keyIsGood: boolean;
  readonly verifies: boolean;
}

/**
 * Signatures by A = [a]B + T1 with R = [r]B + T2 and S = r + k·a. Then [S]B − [k]A = [r]B − [k]T1,
 * so the signature is valid exactly when T2 = −[k]T1: known without asking a verifier.
 */
export const ed25519Cases: fc.Arbitrary<Ed25519Case> = fc
  .record({
    a: fc.oneof(
      { weight: 4, arbitrary: scalarBelow(ED25519_ORDER) },
      { weight: 1, arbitrary: fc.constant(0n) },
    ),
    r: scalarBelow(ED25519_ORDER),
    keyTorsion: fc.nat(7),
    nonceTorsion: fc.nat(7),
    torsioned: fc.boolean(),
    oddKey: fc.option(fc.constantFrom(...ODD_ENCODINGS), { freq: 6 }),
    message: bytes(0, 200),
  })
  .map(({ a, r, keyTorsion, nonceTorsion, torsioned, oddKey, message }) => {
    const odd = oddKey === null ? undefined : decodeOdd(oddKey);
    const torsion = odd ?? TORSION[torsioned ? keyTorsion : 0]!;
    const scalar = odd === undefined ? a : 0n;
    const nonce = TORSION[torsioned ? nonceTorsion : 0]!;
    const publicKey =
      odd === undefined ? Point.BASE.multiplyUnsafe(scalar).add(torsion).toBytes() : oddKey!;
    const encodedR = Point.BASE.multiplyUnsafe(r).add(nonce).toBytes();
    const k = challenge(encodedR, publicKey, message);
    const s = (r + k * scalar) % ED25519_ORDER;
    return {
      publicKey,
      message,
      signature: Uint8Array.of(...encodedR, ...numberToBytesLE(s, 32)),
      keyIsGood: odd === undefined && scalar !== 0n && torsion.is0(),
      verifies: nonce.equals(torsion.multiplyUnsafe(k % 8n).negate()),
    };
  });

/** `undefined` when no point has this encoding, or it has no small order. */
function decodeOdd(encoding: Uint8Array) {
  try {
    const point = Point.fromBytes(encoding, true);
    return TORSION.find((torsion) => torsion.equals(point));
  } catch {
    return undefined;
  }
}

const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint =>
  bytesToNumberLE(sha512(Uint8Array.of(...r, ...key, ...message))) % ED25519_ORDER;

/** R ‖ S + factor · L: the same signature to a verifier that reduces S. */
export function addOrder(signature: Uint8Array, factor: bigint): Uint8Array {
  const s = bytesToNumberLE(signature.subarray(32)) + factor * ED25519_ORDER;
  return Uint8Array.of(...signature.subarray(0, 32), ...numberToBytesLE(s, 32));
}

/** r ‖ n − s. */
export function negateS(signature: Uint8Array, order: bigint): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
  return Uint8Array.of(...signature.subarray(0, 32), ...numberToBytesBE(order - s, 32));
}

/** Points of small order on the Montgomery curve and its twist: cr.yp.to/ecdh.html#validate. */
export const X25519_SMALL_ORDER = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
