/** One key has one DID (spec §3.1): known answers, and everything that is no `did:key` of ours. */

import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { base58 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  type DeviceKey,
  type DeviceKeyType,
  decodeDid,
  encodeDid,
  isDeviceKey,
  joinDeviceKey,
  splitDeviceKey,
} from "../../spec/device-key.ts";
import { bytes } from "../arbitraries/crypto.ts";
import { runs, seed } from "../seed.ts";

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const compress = (x: string, y: string) =>
  Uint8Array.of(2 + (fromBase64(y)[31]! & 1), ...fromBase64(x));
const counting = Uint8Array.from({ length: 32 }, (_, i) => i + 1);

/** Sources: W3C CCG did:key method, §"Test Vectors"; IoT-L{CORE} for the secret 0x0102…1f20. */
const KNOWN: readonly [string, DeviceKeyType, Uint8Array, string][] = [
  [
    "secp256k1, secret 0x0102…1f20",
    "secp256k1",
    secp256k1.getPublicKey(counting, true),
    "did:key:zQ3shWLyu8mc4GLnyzrxvWj9kJPijwGbjdrr3pZ8hacUYxawh",
  ],
  [
    "secp256k1 of the method's specification",
    "secp256k1",
    compress(
      "h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0",
      "O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE",
    ),
    "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
  ],
  [
    "Ed25519 of the method's specification",
    "ed25519",
    fromBase64("O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"),
    "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
  ],
  [
    "P-256 of the method's specification",
    "p256",
    compress(
      "fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI",
      "hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU",
    ),
    "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
  ],
];

describe("known keys", () => {
  test.each(KNOWN)("%s", (_, type, raw, did) => {
    const key = joinDeviceKey({ type, raw });
    expect(encodeDid(key)).toBe(did);
    expect(decodeDid(did)).toStrictEqual(key);
    expect(splitDeviceKey(key)).toStrictEqual({ type, raw });
    expect(isDeviceKey(nobleCrypto, { type, raw })).toBe(true);
  });
});

const [, , raw, did] = KNOWN[0]!;
const key = joinDeviceKey({ type: "secp256k1", raw });
const didOf = (...parts: readonly (Uint8Array | number[])[]) =>
  `did:key:z${base58.encode(Uint8Array.from(parts.flatMap((part) => [...part])))}`;

describe("refused", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["no key", "did:key:z"],
    ["another method", did.replace("did:key", "did:web")],
    ["capital letters", did.replace("did", "DID")],
    ["no multibase prefix", did.replace(":z", ":")],
    ["another multibase", did.replace(":z", ":m")],
    ["a leading space", ` ${did}`],
    ["a trailing space", `${did} `],
    ["a trailing line break", `${did}\n`],
    ["a fragment", `${did}#key-1`],
    ["a query", `${did}?v=1`],
    ["a character that base58 leaves out", did.replace("WL", "0L")],
    ["a character beyond ASCII", did.replace("WL", "éL")],
    ["a leading 1, a zero byte", did.replace(":z", ":z1")],
    ["a leading 1 of an otherwise right length", didOf([0], key.subarray(0, 34))],
    ["a byte too many", didOf(key, [0])],
    ["a byte too few", didOf(key.subarray(0, 34))],
    ["the uncompressed key", didOf([0xe7, 0x01], secp256k1.getPublicKey(counting, false))],
    ["the key without its codec", didOf(raw)],
    ["the codec alone", didOf([0xe7, 0x01])],
    ["the codec without its second byte", didOf([0xe7], raw, [1])],
    ["the codec in a longer varint", didOf([0xe7, 0x81, 0x00], raw.subarray(1))],
    ["an Ed25519 key of 33 bytes", didOf([0xed, 0x01], raw)],
    ["a P-256 key of 32 bytes", didOf([0x80, 0x24], raw.subarray(1))],
    ["an X25519 key", didOf([0xec, 0x01], raw.subarray(1))],
    ["a P-384 key", didOf([0x81, 0x24], new Uint8Array(49).fill(2))],
    ["a BLS key", didOf([0xeb, 0x01], new Uint8Array(96).fill(2))],
    ["ten thousand digits", `did:key:z${"9".repeat(10_000)}`],
  ])("%s", (_, text) => {
    expect(decodeDid(text)).toBeUndefined();
  });

  test.each<[string, DeviceKey]>([
    [
      "an uncompressed prefix on 33 bytes",
      { type: "secp256k1", raw: raw.map((b, i) => (i ? b : 4)) },
    ],
    ["a hybrid prefix on 33 bytes", { type: "p256", raw: raw.map((b, i) => (i ? b : 6)) }],
    ["the point at infinity", { type: "p256", raw: new Uint8Array(33) }],
    ["a coordinate at the field's order", { type: "p256", raw: prefixed(2, p256.Point.Fp.ORDER) }],
    [
      "a coordinate at the field's order on secp256k1",
      { type: "secp256k1", raw: prefixed(2, secp256k1.Point.Fp.ORDER) },
    ],
    ["the identity of Ed25519", { type: "ed25519", raw: Uint8Array.of(1, ...new Uint8Array(31)) }],
  ])("to register %s, though its DID is well-formed", (_, deviceKey) => {
    const joined = joinDeviceKey(deviceKey);
    expect(decodeDid(encodeDid(joined))).toStrictEqual(joined);
    expect(isDeviceKey(nobleCrypto, deviceKey)).toBe(false);
  });
});

function prefixed(prefix: number, x: bigint): Uint8Array {
  return Uint8Array.of(prefix, ...Buffer.from(x.toString(16).padStart(64, "0"), "hex"));
}

describe("any text", () => {
  const parameters = (long: number) => ({ seed: seed("did"), numRuns: runs(long) });
  const anyKey = fc
    .constantFrom<[DeviceKeyType, number]>(["ed25519", 32], ["p256", 33], ["secp256k1", 33])
    .chain(([type, length]) => bytes(length).map((raw) => joinDeviceKey({ type, raw })));

  test("that decodes is the key's one DID", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."123456789ABCzQyx0Il "), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.oneof(
          digits,
          bytes(30, 40).map((b) => base58.encode(b)),
        ),
        (text) => {
          const decoded = decodeDid(`did:key:z${text}`);
          if (decoded !== undefined) expect(encodeDid(decoded)).toBe(`did:key:z${text}`);
        },
      ),
      parameters(10_000),
    );
  });
  test("of a key gives the key back, and with a character changed another key or none", () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.nat(),
        fc.constantFrom(..."123456789ABCDEFz"),
        (bytes, place, digit) => {
          const text = encodeDid(bytes);
          expect(decodeDid(text)).toStrictEqual(bytes);
          const at = "did:key:z".length + (place % (text.length - "did:key:z".length));
          const changed = text.slice(0, at) + digit + text.slice(at + 1);
          if (changed !== text) expect(decodeDid(changed)).not.toEqual(bytes);
        },
      ),
      parameters(10_000),
    );
  });
});
