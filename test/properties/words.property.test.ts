import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeWord, readBigEndian } from "../../spec/words.ts";
import { runs, seed } from "../seed.ts";

const parameters = { seed: seed("words"), numRuns: runs(10_000) };

test("reads bytes of any length as hexadecimal digits say", () => {
  const zeros = fc.nat(33).map((count) => new Uint8Array(count));
  fc.assert(
    fc.property(zeros, fc.uint8Array({ maxLength: 40 }), (front, rest) => {
      const bytes = Uint8Array.of(...front, ...rest);
      expect(readBigEndian(bytes)).toBe(BigInt(`0x0${bytesToHex(bytes)}`));
    }),
    parameters,
  );
});

test("reads back the word of an amount", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 256n - 1n), (value) => {
      expect(readBigEndian(encodeWord(value))).toBe(value);
    }),
    parameters,
  );
});
