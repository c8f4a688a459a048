/**
 * Wycheproof's AEADs, HKDF and X25519: each case in both implementations. What our interface does
 * not take (other nonces, other key lengths) throws; what our rule refuses stands in a table.
 */

import { describe, expect, test } from "vitest";
import { nodeAeads } from "../../dapp/crypto/node-aead.ts";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Aeads } from "../../spec/crypto-aead.ts";
import { nobleAeads } from "../../spec/crypto-aead.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import type { WycheproofGroup } from "./public-vectors.ts";
import { fromHex, hasPublicVectors, readGroups, toHex } from "./public-vectors.ts";

const implementations: [string, Crypto, Aeads][] = [
  ["noble", nobleCrypto, nobleAeads],
  ["node", await createNodeCrypto(), nodeAeads],
];

/** Flags of cases that Wycheproof calls acceptable and our rule refuses. */
const X25519_REFUSED_FLAGS = {
  ZeroSharedSecret: "a public key of small order (spec §7)",
} as const;

/** Cases with a result that our API has no way to ask for: their number, so that none slips in. */
const OUTSIDE_OUR_API = {
  aes_gcm_test: 250, // Other keys than 32 bytes, other nonces than 12.
  chacha20_poly1305_test: 9, // Nonces of other lengths, which Wycheproof calls invalid.
  xchacha20_poly1305_test: 9,
} as const;

interface AeadGroup extends WycheproofGroup<"key" | "iv" | "aad" | "msg" | "ct" | "tag"> {
  readonly ivSize: number;
  readonly keySize: number;
  readonly tagSize: number;
}
const AEAD_OF_FILE = {
  aes_gcm_test: "aes256Gcm",
  chacha20_poly1305_test: "chacha20Poly1305",
  xchacha20_poly1305_test: "xchacha20Poly1305",
} as const;

describe
  .skipIf(!hasPublicVectors)
  .each(Object.entries(AEAD_OF_FILE) as [keyof typeof AEAD_OF_FILE, keyof Aeads][])(
  "%s",
  (file, name) => {
    test.each(implementations)("%s", (_, _crypto, aeads) => {
      const aead = aeads[name];
      let outsideCount = 0;
      for (const group of readGroups<AeadGroup>(`${file}.json`)) {
        const ours = group.keySize === 256 && group.ivSize === 8 * aead.nonceBytes;
        for (const { tcId, key, iv, aad, msg, ct, tag, result } of group.tests) {
          const [k, nonce, data, text] = [key, iv, aad, msg].map(fromHex) as [
            ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array],
          ];
          if (!ours) {
            outsideCount++;
            expect(() => aead.seal(k, nonce, text, data)).toThrow(RangeError);
            expect(() => aead.open(k, nonce, fromHex(ct + tag), data)).toThrow(RangeError);
            continue;
          }
          const opened = toHex(aead.open(k, nonce, fromHex(ct + tag), data));
          expect({ tcId, opened }).toEqual({ tcId, opened: result === "valid" ? msg : undefined });
          const sealed = toHex(aead.seal(k, nonce, text, data));
          expect({ tcId, same: sealed === ct + tag }).toEqual({ tcId, same: result === "valid" });
        }
      }
      expect(outsideCount).toBe(OUTSIDE_OUR_API[file]);
    });
  },
);

interface HkdfGroup {
  readonly tests: readonly (WycheproofGroup<"ikm" | "salt" | "info" | "okm">["tests"][number] & {
    readonly size: number;
  })[];
}
describe.skipIf(!hasPublicVectors)("hkdf_sha256_test", () => {
  test.each(implementations)("%s", (_, crypto) => {
    for (const group of readGroups<HkdfGroup>("hkdf_sha256_test.json")) {
      for (const { tcId, ikm, salt, info, okm, size, result } of group.tests) {
        const derive = () => crypto.hkdfSha256(fromHex(ikm), fromHex(salt), fromHex(info), size);
        if (result !== "valid") expect(derive).toThrow(RangeError);
        else expect({ tcId, output: toHex(derive()) }).toEqual({ tcId, output: okm });
      }
    }
  });
});

type X25519Group = WycheproofGroup<"public" | "private" | "shared">;
describe.skipIf(!hasPublicVectors)("x25519_test", () => {
  test.each(implementations)("%s", (_, crypto) => {
    let refusedCount = 0;
    for (const group of readGroups<X25519Group>("x25519_test.json")) {
      for (const { tcId, public: publicKey, private: secretKey, shared, flags } of group.tests) {
        const refused = flags.some((flag) => flag in X25519_REFUSED_FLAGS);
        if (refused) refusedCount++;
        const secret = toHex(crypto.x25519(fromHex(secretKey), fromHex(publicKey)));
        expect({ tcId, secret }).toEqual({ tcId, secret: refused ? undefined : shared });
      }
    }
    expect(refusedCount).toBe(31);
  });
});
