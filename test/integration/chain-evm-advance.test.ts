import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeEvmAdvance,
  EvmAdvanceMalformed,
} from "../../node-client/chain/decode-evm-advance.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import type { InputContext } from "../../spec/input.ts";
import { encodeWord } from "../../spec/words.ts";
import { runs, seed } from "../seed.ts";

const address = fc.uint8Array({ minLength: 20, maxLength: 20 });
const context: fc.Arbitrary<InputContext> = fc.record({
  chainId: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  app: address,
  sender: address,
  blockNumber: fc.maxSafeNat(),
  timestampSec: fc.maxSafeNat(),
  prevRandao: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  inputIndex: fc.maxSafeNat(),
});
const payload = fc.uint8Array({ maxLength: 200 });

describe("decodeEvmAdvance", () => {
  test("gives back what was encoded", () => {
    const property = fc.property(context, payload, (at, bytes) => {
      const decoded = decodeEvmAdvance(encodeEvmAdvance(at, bytes));
      expect(decoded).toEqual({ at, payload: bytes });
    });
    fc.assert(property, { seed: seed("evm-advance"), numRuns: runs(10_000) });
  });

  test("never takes bytes that do not encode to themselves", () => {
    const flip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    const property = fc.property(context, payload, flip, (at, bytes, [where, mask]) => {
      const blob = encodeEvmAdvance(at, bytes);
      blob[where % blob.length]! ^= mask;
      try {
        const decoded = decodeEvmAdvance(blob);
        expect(encodeEvmAdvance(decoded.at, decoded.payload)).toEqual(blob);
      } catch (error) {
        expect(error).toBeInstanceOf(EvmAdvanceMalformed);
      }
    });
    fc.assert(property, { seed: seed("evm-advance-spoilt"), numRuns: runs(20_000) });
  });

  const [at] = fc.sample(context, { seed: 1, numRuns: 1 });
  const good = encodeEvmAdvance(at!, Uint8Array.of(1, 2, 3));
  const spoil = (where: number, bytes: Uint8Array): Uint8Array => {
    const spoilt = good.slice();
    spoilt.set(bytes, where);
    return spoilt;
  };

  test.each([
    ["nothing", new Uint8Array()],
    ["a head alone", good.subarray(0, 4 + 32 * 8)],
    ["another selector", spoil(0, Uint8Array.of(0))],
    ["bits above an address", spoil(4 + 32, Uint8Array.of(1))],
    ["a block number beyond 2^53", spoil(4 + 32 * 3, encodeWord(2n ** 53n))],
    ["a block number beyond 2^64", spoil(4 + 32 * 3, encodeWord(2n ** 64n))],
    ["another offset", spoil(4 + 32 * 7, encodeWord(288n))],
    ["a length beyond the end", spoil(4 + 32 * 8, encodeWord(33n))],
    ["a length beyond all", spoil(4 + 32 * 8, encodeWord(2n ** 255n))],
    ["a shorter length", spoil(4 + 32 * 8, encodeWord(2n))],
    ["a padding that is not zero", spoil(good.length - 1, Uint8Array.of(1))],
    ["a missing padding", good.subarray(0, good.length - 1)],
    ["a word too much", Uint8Array.of(...good, ...new Uint8Array(32))],
  ])("refuses %s", (_, blob) => {
    expect(() => decodeEvmAdvance(blob)).toThrow(EvmAdvanceMalformed);
  });
});
