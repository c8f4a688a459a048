import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  computeLeafBytesMax,
  decodeLeaf,
  encodeLeaf,
  encodeLeaves,
  LEAF_SALT_BYTES,
} from "../../spec/leaves.ts";
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import { equalBytes } from "../../spec/words.ts";
import { batches, kindList, toCells } from "../arbitraries/columns.ts";
import { runs, seed } from "../seed.ts";

const parameters = (long: number) => ({ seed: seed("leaves"), numRuns: runs(long) });

describe("leaves", () => {
  const anyTime = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    fc.integer({ min: -METRIC_VALUE_MAX, max: METRIC_VALUE_MAX }),
  );
  const withTimes = batches(60).chain((batch) => {
    const bounds = { minLength: batch.count, maxLength: batch.count };
    return fc.record({
      batch: fc.constant(batch),
      times: fc.array(anyTime, bounds),
      // One byte a salt is enough to see that each leaf gets its own.
      salts: fc.constant(Uint8Array.from({ length: 16 * batch.count }, (_, i) => i >> 4)),
    });
  });

  test("a batch's leaves are its readings' leaves, and say what went in", () => {
    const property = fc.property(withTimes, ({ batch, times, salts }) => {
      const cells = batch.columns.map(toCells);
      const { leaves, offsets } = encodeLeaves(salts, Float64Array.from(times), batch.columns);
      expect(offsets.length).toBe(batch.count + 1);
      expect(leaves.length).toBe(offsets[batch.count]);
      expect(leaves.length).toBeLessThanOrEqual(computeLeafBytesMax(batch.columns, batch.count));
      for (const [i, timeSec] of times.entries()) {
        const salt = salts.subarray(i * LEAF_SALT_BYTES, (i + 1) * LEAF_SALT_BYTES);
        const values = cells.map((column) => column[i]!);
        const leaf = leaves.subarray(offsets[i], offsets[i + 1]);
        expect(equalBytes(leaf, encodeLeaf(salt, timeSec, values))).toBe(true);
        const decoded = decodeLeaf(leaf, batch.kinds)!;
        expect([decoded.timeSec, ...decoded.values]).toEqual([timeSec, ...values]);
        expect(equalBytes(decoded.salt, salt)).toBe(true);
      }
    });
    fc.assert(property, parameters(2_000));
  });

  test("a leaf that decodes has no other encoding", () => {
    const head = fc.oneof(fc.nat(8), fc.constantFrom(0, 0xff, 200, 201), fc.nat(255));
    const wildField = fc.oneof(
      fc.tuple(head, fc.uint8Array({ maxLength: 9 })).map(([first, rest]) => [first, ...rest]),
      fc
        .tuple(fc.constantFrom(0, 0xff, 0x7f, 0x80), fc.uint8Array({ maxLength: 6 }))
        .map(([first, rest]) => [rest.length + 1, first, ...rest]),
    );
    const wildLeaf = fc
      .array(wildField, { maxLength: 5 })
      .map((fields) => Uint8Array.from([...new Uint8Array(LEAF_SALT_BYTES), ...fields.flat()]));
    const property = fc.property(fc.oneof(wildLeaf, fc.uint8Array()), kindList, (leaf, kinds) => {
      const decoded = decodeLeaf(leaf, kinds);
      if (decoded === undefined) return;
      expect(encodeLeaf(decoded.salt, decoded.timeSec, decoded.values)).toEqual(leaf);
    });
    fc.assert(property, parameters(20_000));
  });
});
