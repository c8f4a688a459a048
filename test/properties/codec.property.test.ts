import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeWire, encodeWire, isCanonicalWire, type Wire } from "../../spec/codec.ts";
import { decodeOperation, encodeOperation } from "../../spec/operation-codec.ts";
import { isRefused } from "../../spec/refusals.ts";
import { anyOperation } from "../arbitraries/operations.ts";
import { decodeSlowly, wireValue } from "../arbitraries/wire.ts";
import { runs, seed } from "../seed.ts";

const parameters = (long: number) => ({ seed: seed("codec"), numRuns: runs(long) });

/** Bytes as plain arrays of their own type: msgpackr's are a Buffer where there is one. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toPlain(field)]));
}

/** What must hold of any bytes: no throw, one encoding, and the twin's verdict. */
function expectOneEncoding(bytes: Uint8Array): void {
  const value = decodeWire(bytes);
  expect(toPlain(decodeSlowly(bytes))).toStrictEqual(toPlain(value));
  expect(isCanonicalWire(bytes)).toBe(value !== undefined);
  if (value !== undefined) expect(encodeWire(value)).toStrictEqual(Uint8Array.from(bytes));
}

/** Tags, lengths and text in bytes that often nearly make sense. */
const almostWire = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x00, 0x7f, 0x90, 0x91, 0x92, 0xa1, 0xc0, 0xc2, 0xc4, 0xc5, 0xc6, 0xcc),
      fc.constantFrom(0xcd, 0xce, 0xcf, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xd4, 0xca, 0xef),
      fc.nat(255),
    ),
    { maxLength: 24 },
  )
  .map((list) => Uint8Array.from(list));

/** One change to well-formed bytes: a byte replaced, taken out, put in, or the end cut off. */
const mutated = (valid: fc.Arbitrary<Wire>) =>
  fc
    .tuple(valid.map(encodeWire), fc.nat(), fc.nat(255), fc.nat(3))
    .map(([bytes, place, byte, how]) => {
      const at = place % (bytes.length + 1);
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      if (how === 0) return Uint8Array.of(...head, byte, ...tail.subarray(1));
      if (how === 1) return Uint8Array.of(...head, ...tail.subarray(1));
      return how === 2 ? Uint8Array.of(...head, byte, ...tail) : head;
    });

describe("decodeWire", () => {
  test("gives back every value of the wire, whose bytes are its only ones", () => {
    fc.assert(
      fc.property(wireValue, (value) => {
        const bytes = encodeWire(value);
        expect(toPlain(decodeWire(bytes))).toStrictEqual(toPlain(value));
        expectOneEncoding(bytes);
      }),
      parameters(5_000),
    );
  });
  test("takes or refuses any bytes as its twin does, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), almostWire), expectOneEncoding),
      {
        ...parameters(100_000),
      },
    );
  });
  test("takes or refuses nearly right bytes as its twin does, and never throws", () => {
    fc.assert(fc.property(mutated(wireValue), expectOneEncoding), parameters(20_000));
  });
  test("reads a view into a larger buffer as it reads the bytes alone", () => {
    fc.assert(
      fc.property(wireValue, fc.nat(9), (value, offset) => {
        const bytes = encodeWire(value);
        const around = new Uint8Array(bytes.length + 2 * offset).fill(0xc1);
        around.set(bytes, offset);
        const view = around.subarray(offset, offset + bytes.length);
        expect(toPlain(decodeWire(view))).toStrictEqual(toPlain(value));
      }),
      parameters(2_000),
    );
  });
});

describe("decodeOperation", () => {
  test("gives back every operation, over the wire and all", () => {
    fc.assert(
      fc.property(anyOperation, (operation) => {
        const wire = decodeWire(encodeWire(encodeOperation(operation)));
        expect(toPlain(decodeOperation(wire!))).toStrictEqual(toPlain(operation));
      }),
      parameters(20_000),
    );
  });

  const expectOneOperation = (wire: Wire) => {
    const operation = decodeOperation(wire);
    if (isRefused(operation))
      expect(operation.refusal).toMatch(/^operation_(malformed|kind_unknown)$/);
    else expect(toPlain(encodeOperation(operation))).toStrictEqual(toPlain(wire));
  };
  test("refuses any value, or has it as the operation's only form", () => {
    fc.assert(fc.property(wireValue, expectOneOperation), parameters(20_000));
  });
  test("refuses nearly right operations, or has them as the operation's only form", () => {
    fc.assert(
      fc.property(mutated(anyOperation.map(encodeOperation)), (bytes) => {
        const wire = decodeWire(bytes);
        if (wire !== undefined) expectOneOperation(wire);
      }),
      parameters(50_000),
    );
  });
  test("refuses an operation with one field replaced by any value, or has it as its only form", () => {
    fc.assert(
      fc.property(anyOperation, wireValue, fc.nat(), (operation, value, place) => {
        const [kind, authorization, body] = encodeOperation(operation) as [Wire, Wire, Wire[]];
        const at = place % body.length;
        expectOneOperation([
          kind,
          authorization,
          body.map((field, i) => (i === at ? value : field)),
        ]);
        expectOneOperation([
          kind,
          authorization,
          body.map((field, i) => (i === at ? [field] : field)),
        ]);
      }),
      parameters(20_000),
    );
  });
});
