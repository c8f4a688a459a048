/**
 * The two implementations of `Crypto` never disagree (spec §7): on signatures, honest and forged,
 * on keys in every encoding, on ciphers, and on Merkle trees of any shape. Where the generator
 * knows the answer, both are held to it, so that they cannot be wrong together.
 */

import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { numberToBytesBE } from "@noble/curves/utils.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  addOrder,
  bytes,
  ed25519Cases,
  flipBit,
  negateS,
  scalarBelow,
  X25519_SMALL_ORDER,
} from "../arbitraries/crypto.ts";
import { runs, seed } from "../seed.ts";

const node = await createNodeCrypto();
const parameters = (long: number) => ({ seed: seed("crypto-twins"), numRuns: runs(long) });

/** What both implementations answer, which must be the same. */
function both<T>(ask: (crypto: Crypto) => T): T {
  const answer = ask(node);
  expect(answer).toEqual(ask(nobleCrypto));
  return answer;
}

const tamperings = fc.record({
  what: fc.constantFrom("publicKey", "message", "signature", "nothing"),
  bit: fc.nat(1 << 16),
});
const tamper = <S extends { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array }>(
  signed: S,
  { what, bit }: { what: string; bit: number },
): S =>
  what === "nothing" ? signed : { ...signed, [what]: flipBit(signed[what as "message"], bit) };

describe("ed25519", () => {
  test("verifies by the cofactorless rule, mixed orders and odd encodings included", () => {
    const property = fc.property(ed25519Cases, (signed) => {
      const { publicKey, message, signature } = signed;
      expect(both((c) => c.verifyEd25519(publicKey, message, signature))).toBe(signed.verifies);
      expect(both((c) => c.isEd25519PublicKey(publicKey))).toBe(signed.keyIsGood);
      expect(both((c) => c.verifyEd25519(publicKey, message, addOrder(signature, 1n)))).toBe(false);
    });
    fc.assert(property, parameters(2_500));
  });

  test("agrees on any bit changed, and on any bytes", () => {
    const tampered = fc.property(ed25519Cases, tamperings, (signed, change) => {
      const { publicKey, message, signature } = tamper(signed, change);
      both((c) => c.verifyEd25519(publicKey, message, signature));
      both((c) => c.isEd25519PublicKey(publicKey));
      const factor = BigInt(change.bit % 16);
      if (factor > 14n) return; // S + 15 L may need a 33rd byte.
      both((c) => c.verifyEd25519(publicKey, message, addOrder(signed.signature, factor)));
    });
    fc.assert(tampered, parameters(1_500));
    const random = fc.property(bytes(32), bytes(64), bytes(0, 64), (key, signature, message) => {
      both((c) => c.verifyEd25519(key, message, signature));
      both((c) => c.isEd25519PublicKey(key));
    });
    fc.assert(random, parameters(1_000));
  });
});

describe.each([
  ["p256", p256, "verifyP256", "isP256PublicKey", true],
  ["secp256k1", secp256k1, "verifySecp256k1", "isSecp256k1PublicKey", false],
] as const)("%s", (_, curve, verify, isKey, highSIsValid) => {
  const order = curve.Point.Fn.ORDER;
  const prime = curve.Point.Fp.ORDER;
  const cases = fc
    .record({ secret: scalarBelow(order), message: bytes(0, 200), high: fc.boolean() })
    .map(({ secret, message, high }) => {
      const secretKey = numberToBytesBE(secret, 32);
      const low = curve.sign(message, secretKey, { lowS: true, prehash: true });
      const signature = high ? negateS(low, order) : low;
      return { publicKey: curve.getPublicKey(secretKey, true), message, signature, high };
    });

  test("verifies honest signatures, high s by its rule", () => {
    const property = fc.property(cases, ({ publicKey, message, signature, high }) => {
      const verifies = both((c) => c[verify](publicKey, message, signature));
      expect(verifies).toBe(!high || highSIsValid);
      expect(both((c) => c[isKey](publicKey))).toBe(true);
    });
    fc.assert(property, parameters(1_000));
  });

  test("agrees on any bit changed, and on r and s at the edges of their range", () => {
    const tampered = fc.property(cases, tamperings, (signed, change) => {
      const { publicKey, message, signature } = tamper(signed, change);
      both((c) => c[verify](publicKey, message, signature));
      both((c) => c[isKey](publicKey));
    });
    fc.assert(tampered, parameters(1_000));
    const edges = [0n, 1n, order / 2n, order / 2n + 1n, order - 1n, order, order + 1n, prime];
    const edge = fc.option(fc.constantFrom(...edges, 2n ** 256n - 1n), { freq: 4 });
    const property = fc.property(cases, edge, edge, ({ publicKey, message, signature }, r, s) => {
      const changed = signature.slice();
      if (r !== null) changed.set(numberToBytesBE(r, 32));
      if (s !== null) changed.set(numberToBytesBE(s, 32), 32);
      both((c) => c[verify](publicKey, message, changed));
    });
    fc.assert(property, parameters(1_000));
  });

  test("agrees on what is a key, with x up to and beyond the field's prime", () => {
    const xs = fc.oneof(
      fc.bigInt(0n, 2n ** 256n - 1n),
      fc.bigInt(0n, 40n),
      fc.bigInt(prime - 40n, prime + 40n),
    );
    const prefixes = fc.oneof(fc.constantFrom(2, 3), fc.constantFrom(0, 1, 4, 6, 7, 0xff));
    const property = fc.property(xs, prefixes, (x, prefix) => {
      const key = Uint8Array.of(prefix, ...numberToBytesBE(x, 32));
      const isPoint = both((c) => c[isKey](key));
      if (x >= prime || prefix >>> 1 !== 1) expect(isPoint).toBe(false);
    });
    fc.assert(property, parameters(4_000));
  });
});

describe("recovery of addresses", () => {
  const order = secp256k1.Point.Fn.ORDER;
  const vs = fc.oneof(fc.constantFrom(0, 1, 27, 28), fc.nat(255));
  const cases = fc.record({
    secret: scalarBelow(order),
    digest: bytes(32),
    high: fc.boolean(),
    v: vs,
  });

  test("finds the signer for low s and the right v only", () => {
    const property = fc.property(cases, ({ secret, digest, high, v }) => {
      const secretKey = numberToBytesBE(secret, 32);
      const recovered = secp256k1.sign(digest, secretKey, {
        ...{ prehash: false, lowS: true, format: "recovered" as const },
      });
      const low = recovered.subarray(1);
      const parity = recovered[0]! ^ Number(high);
      const signature = Uint8Array.of(...(high ? negateS(low, order) : low), v);
      const address = both((c) => c.recoverAddress(digest, signature));
      const publicKey = secp256k1.getPublicKey(secretKey, false).subarray(1);
      const signer = both((c) => c.keccak256(publicKey)).slice(12);
      if (high || ![0, 1, 27, 28].includes(v)) expect(address).toBe(undefined);
      else if (v % 27 === parity) expect(address).toEqual(signer);
      else expect(address).not.toEqual(signer);
    });
    fc.assert(property, parameters(1_500));
  });

  test("agrees on any r, s and v", () => {
    const scalars = fc.oneof(
      fc.bigInt(0n, 2n ** 256n - 1n),
      fc.bigInt(0n, 30n),
      fc.bigInt(order - 5n, order + 5n),
      fc.bigInt(order / 2n - 2n, order / 2n + 2n),
    );
    const property = fc.property(bytes(32), scalars, scalars, vs, (digest, r, s, v) => {
      const signature = Uint8Array.of(...numberToBytesBE(r, 32), ...numberToBytesBE(s, 32), v);
      const address = both((c) => c.recoverAddress(digest, signature));
      if (s === 0n || s > order / 2n || r === 0n || r >= order) expect(address).toBe(undefined);
    });
    fc.assert(property, parameters(2_000));
  });
});

describe("x25519", () => {
  test("gives both sides one secret, and agrees on any public key", () => {
    const property = fc.property(bytes(32), bytes(32), bytes(32), (one, other, anyKey) => {
      const [key, peer] = [one, other].map((secret) => both((c) => c.x25519PublicKey(secret)));
      expect(both((c) => c.x25519(one, peer!))).toEqual(both((c) => c.x25519(other, key!)));
      both((c) => c.x25519(one, anyKey));
    });
    fc.assert(property, parameters(1_000));
  });

  test("refuses points of small order, the ignored bit set or not", () => {
    const property = fc.property(
      bytes(32),
      fc.constantFrom(...X25519_SMALL_ORDER),
      fc.boolean(),
      (secret, point, highBit) => {
        const key = highBit ? flipBit(point, 255) : point;
        expect(both((c) => c.x25519(secret, key))).toBe(undefined);
      },
    );
    fc.assert(property, parameters(1_000));
  });
});
