/**
 * Wycheproof's signatures and ed25519-speccheck: each case in both implementations, which must
 * agree. Where our rule (spec §7) is narrower than a vector's result, the case stands in a table.
 */

import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import type { WycheproofGroup } from "./public-vectors.ts";
import { fromHex, hasPublicVectors, readGroups, readPublicVectors } from "./public-vectors.ts";

const implementations: [string, Crypto][] = [
  ["noble", nobleCrypto],
  ["node", await createNodeCrypto()],
];
type Verify = "verifyEd25519" | "verifyP256" | "verifySecp256k1";

/** The tcIds that Wycheproof calls valid and our rule does not, by file and reason. */
const EXPECTED_EXCEPTIONS = {
  ed25519_test: {},
  ecdsa_secp256r1_sha256_p1363_test: {},
  ecdsa_secp256k1_sha256_bitcoin_test: {},
  ecdsa_secp256k1_sha256_p1363_test: {
    high_s: [
      1, 62, 63, 64, 66, 67, 68, 70, 72, 74, 75, 76, 78, 81, 83, 85, 87, 88, 89, 90, 95, 96, 97,
      100, 102, 112, 113, 115, 117, 134, 135, 136, 167, 168, 171, 172, 173, 174, 176, 177, 181, 187,
      188, 192, 196, 198, 200, 202, 206, 207, 212, 213, 221, 222, 226, 227, 228, 229, 231, 232, 233,
      234, 235, 237, 238, 239, 240, 241, 242, 243, 247, 252,
    ],
  },
} as const satisfies Record<string, { readonly high_s?: readonly number[] }>;

interface KeyGroup extends WycheproofGroup<"msg" | "sig"> {
  readonly publicKey: { readonly uncompressed: string; readonly pk: string };
}

/** SEC 1 §2.3.3: the compressed form of an uncompressed point in hex. */
function compress(uncompressed: string): Uint8Array {
  const point = fromHex(uncompressed);
  return Uint8Array.of(2 + (point[64]! & 1), ...point.subarray(1, 33));
}

/** r ‖ s of a strict DER signature; `undefined` for what has no such form. */
function compactOfDer(der: Uint8Array): Uint8Array | undefined {
  const compact = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const digits = integer[0] === 0 ? integer.subarray(1) : integer;
    if (digits.length > 32) return undefined;
    compact.set(digits, end - digits.length);
    at += 2 + length;
  }
  const [r, s] = [compact.subarray(0, 32), compact.subarray(32)].map(encodeDerInteger);
  const canonical = [0x30, r!.length + s!.length, ...r!, ...s!];
  return Buffer.compare(der, Uint8Array.from(canonical)) === 0 ? compact : undefined;
}
function encodeDerInteger(bytes: Uint8Array): number[] {
  let digits = [...bytes];
  while (digits.length > 1 && digits[0] === 0) digits = digits.slice(1);
  if (digits[0]! >= 0x80) digits = [0, ...digits];
  return [2, digits.length, ...digits];
}

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** r ‖ n − s on secp256k1. */
function negateS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const negated = (SECP256K1_ORDER - s).toString(16).padStart(64, "0");
  return Uint8Array.of(...signature.subarray(0, 32), ...fromHex(negated));
}

function checkFile(
  name: keyof typeof EXPECTED_EXCEPTIONS,
  keyOf: (group: KeyGroup) => Uint8Array,
  signatureOf: (signature: Uint8Array) => Uint8Array | undefined,
  verify: Verify,
): void {
  const isKey = verify.replace("verify", "is").concat("PublicKey") as `is${"P256"}PublicKey`;
  describe.skipIf(!hasPublicVectors)(name, () => {
    const { high_s = [] }: { readonly high_s?: readonly number[] } = EXPECTED_EXCEPTIONS[name];
    test.each(implementations)("%s", (_, crypto) => {
      const wrong: string[] = [];
      const excepted: number[] = [];
      for (const group of readGroups<KeyGroup>(`${name}.json`)) {
        const publicKey = keyOf(group);
        expect(crypto[isKey](publicKey)).toBe(true);
        for (const { tcId, comment, msg, sig, result } of group.tests) {
          const signature = signatureOf(fromHex(sig));
          const valid =
            signature !== undefined && crypto[verify](publicKey, fromHex(msg), signature);
          if (high_s.includes(tcId)) {
            excepted.push(tcId);
            // The reason is the true one: with n − s in its place the signature is valid.
            expect(crypto[verify](publicKey, fromHex(msg), negateS(signature!))).toBe(true);
          }
          if (valid !== (result === "valid" && !high_s.includes(tcId))) {
            wrong.push(`${tcId} (${comment}): ${result}, we say ${valid}`);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(excepted).toEqual(high_s);
    });
  });
}

const asItIs = (signature: Uint8Array) => signature;
const compressedKey = (group: KeyGroup) => compress(group.publicKey.uncompressed);
checkFile("ed25519_test", (group) => fromHex(group.publicKey.pk), asItIs, "verifyEd25519");
checkFile("ecdsa_secp256r1_sha256_p1363_test", compressedKey, asItIs, "verifyP256");
checkFile("ecdsa_secp256k1_sha256_p1363_test", compressedKey, asItIs, "verifySecp256k1");
checkFile("ecdsa_secp256k1_sha256_bitcoin_test", compressedKey, compactOfDer, "verifySecp256k1");

/**
 * ed25519-speccheck by case, from 0: whether the key may be registered, and whether the signature
 * would verify under it, as it does for OpenSSL. Together they accept none of the twelve.
 */
const SPECCHECK: readonly { key: boolean; verifies: boolean; why: string }[] = [
  { key: false, verifies: true, why: "key and R of small order, S = 0" },
  { key: false, verifies: true, why: "key of small order, R of mixed order" },
  { key: false, verifies: true, why: "key of mixed order, R of small order" },
  {
    key: false,
    verifies: true,
    why: "key and R of mixed order, torsion cancels without the cofactor",
  },
  { key: false, verifies: false, why: "key and R of mixed order, valid with the cofactor only" },
  {
    key: false,
    verifies: false,
    why: "valid only if the cofactor is cleared after k is multiplied",
  },
  { key: true, verifies: false, why: "S > L" },
  { key: true, verifies: false, why: "S much greater than L" },
  {
    key: false,
    verifies: false,
    why: "R of small order and not canonical, not reduced for the hash",
  },
  { key: false, verifies: false, why: "R of small order and not canonical, reduced for the hash" },
  {
    key: false,
    verifies: false,
    why: "key of small order and not canonical, reduced for the hash",
  },
  {
    key: false,
    verifies: true,
    why: "key of small order and not canonical, not reduced for the hash",
  },
];

describe.skipIf(!hasPublicVectors)("ed25519-speccheck", () => {
  test.each(implementations)("%s", (_, crypto) => {
    const cases = readPublicVectors("ed25519_speccheck.json") as Record<string, string>[];
    const answers = cases.map(({ pub_key, message, signature }, i) => {
      const [key, text, signed] = [pub_key, message, signature].map((hex) => fromHex(hex!));
      return {
        key: crypto.isEd25519PublicKey(key!),
        verifies: crypto.verifyEd25519(key!, text!, signed!),
        why: SPECCHECK[i]!.why,
      };
    });
    expect(answers).toEqual(SPECCHECK);
  });
});
