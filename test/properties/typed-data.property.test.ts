import fc from "fast-check";
import { hashTypedData, toHex } from "viem";
import { expect, test } from "vitest";
import { COUNTER_MAX } from "../../spec/limits.ts";
import type { SignableBody } from "../../spec/operations.ts";
import { computeOperationDigest, encodeTypedData } from "../../spec/typed-data.ts";
import { bytes } from "../arbitraries/crypto.ts";
import { BODIES } from "../arbitraries/operations.ts";
import { runs, seed } from "../seed.ts";

test("an operation's digest is the one that viem's wallets sign", () => {
  const { submit: _, ...others } = BODIES;
  const signable = fc.oneof(...Object.values(others)) as fc.Arbitrary<SignableBody>;
  const counter = fc.maxSafeNat().map((n) => n % COUNTER_MAX);
  const place = fc.record({ chainId: fc.bigInt(0n, 2n ** 64n - 1n), app: bytes(20) });
  const claim = fc.record({ account: bytes(20), nonce: counter, deadlineSec: counter });
  fc.assert(
    fc.property(place, claim, signable, (at, who, body) => {
      const digest = computeOperationDigest(at, who, body);
      expect(toHex(digest)).toBe(hashTypedData(encodeTypedData(at, who, body) as never));
    }),
    { seed: seed("typed data"), numRuns: runs(20_000) },
  );
});
