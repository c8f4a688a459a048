/** The wire format (spec §1.2) by vectors, at its bounds, and the operations' own fields. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decodeUint, decodeWire, encodeUint, encodeWire, type Wire } from "../../spec/codec.ts";
import { CODEC_DEPTH_MAX, CODEC_ITEMS_MAX } from "../../spec/limits.ts";

/** A value in JSON: bytes stand in an object, everything else for itself. */
type JsonWire = number | boolean | string | { readonly bytes: string } | readonly JsonWire[];
interface CodecVector {
  readonly id: string;
  readonly comment: string;
  readonly bytes: string;
  readonly value?: JsonWire;
  readonly refused?: true;
  /** The integer that the value is, null where it is none. */
  readonly uint?: string | null;
}

const root = new URL("../../", import.meta.url);
const folder = new URL("spec/vectors/codec/", root);
const vectors = readdirSync(folder)
  .sort()
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CodecVector[]);
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.slice(2), "hex"));

function toWire(value: JsonWire): Wire {
  if (typeof value !== "object") return value;
  return "bytes" in value ? fromHex(value.bytes) : value.map(toWire);
}

/** A comparable form: msgpackr's bytes are a Buffer where there is one. */
function toPlain(value: Wire | undefined): unknown {
  if (value instanceof Uint8Array) return { bytes: `0x${Buffer.from(value).toString("hex")}` };
  return Array.isArray(value) ? value.map(toPlain) : value;
}

test("vectors are named once, and are either a value or refused", () => {
  const ids = vectors.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  for (const { id, value, refused } of vectors) {
    expect(value === undefined, id).toBe(refused === true);
    expect(id.startsWith("codec/refused_"), id).toBe(refused === true);
  }
});

describe("decodeWire", () => {
  test.each(vectors)("$id: $comment", ({ bytes, value }) => {
    expect(toPlain(decodeWire(fromHex(bytes)))).toStrictEqual(value);
  });
});

describe("encodeWire", () => {
  test.each(vectors.filter(({ refused }) => !refused))("$id", ({ bytes, value }) => {
    expect(encodeWire(toWire(value!))).toStrictEqual(fromHex(bytes));
  });

  test("answers with bytes of its own, which the next call leaves alone", () => {
    const first = encodeWire([1, 2, 3]);
    encodeWire([7, 8, 9]);
    expect(first).toStrictEqual(Uint8Array.of(0x93, 1, 2, 3));
    expect(first.byteLength).toBe(first.buffer.byteLength);
  });
});

describe("integers", () => {
  const integers = vectors.filter(({ uint }) => uint !== undefined);
  test.each(integers)("$id is read as $uint", ({ value, uint }) => {
    expect(decodeUint(toWire(value!))).toBe(uint === null ? undefined : BigInt(uint!));
  });
  test.each(integers.filter(({ uint }) => uint !== null))("$id is written so", (vector) => {
    expect(toPlain(encodeUint(BigInt(vector.uint!)))).toStrictEqual(vector.value);
  });
  test.each([-1n, 2n ** 256n])("%s is no uint256", (value) => {
    expect(() => encodeUint(value)).toThrow(RangeError);
  });
  test("nothing is no integer", () => expect(decodeUint(undefined)).toBeUndefined());
});

describe("bounds", () => {
  const listOf = (count: number, depth = 1) => {
    let value: Wire = new Array<number>(count).fill(0);
    for (let i = 1; i < depth; i++) value = [value];
    return encodeWire(value);
  };
  test("as many values as an input may have, lists included, are taken", () => {
    expect(decodeWire(listOf(CODEC_ITEMS_MAX - 1))).toHaveLength(CODEC_ITEMS_MAX - 1);
    expect(decodeWire(listOf(CODEC_ITEMS_MAX - CODEC_DEPTH_MAX, CODEC_DEPTH_MAX))).toBeDefined();
  });
  test("one value more is refused", () => {
    expect(decodeWire(listOf(CODEC_ITEMS_MAX))).toBeUndefined();
    expect(
      decodeWire(listOf(CODEC_ITEMS_MAX - CODEC_DEPTH_MAX + 1, CODEC_DEPTH_MAX)),
    ).toBeUndefined();
  });
  test("the deepest list is taken, a deeper one refused", () => {
    expect(decodeWire(listOf(3, CODEC_DEPTH_MAX))).toBeDefined();
    expect(decodeWire(listOf(3, CODEC_DEPTH_MAX + 1))).toBeUndefined();
  });
  test("ten thousand opened lists do not exhaust the stack", () => {
    expect(decodeWire(new Uint8Array(10_000).fill(0x91))).toBeUndefined();
  });
  test.each([65_535, 65_536])("%i bytes are taken in their shortest form", (length) => {
    const bytes = encodeWire(new Uint8Array(length));
    expect(bytes[0]).toBe(length < 65_536 ? 0xc5 : 0xc6);
    expect(decodeWire(bytes)).toHaveLength(length);
  });
  test.each([65_535, 65_536])("a text of %i bytes is taken in its shortest form", (length) => {
    const bytes = encodeWire("x".repeat(length));
    expect(bytes[0]).toBe(length < 65_536 ? 0xda : 0xdb);
    expect(decodeWire(bytes)).toHaveLength(length);
  });
});

/** Shared objects with "msgpackr" in their path that a fresh process has loaded after an import. */
function listAddons(module: string): string[] {
  const script = `await import(${JSON.stringify(module)});
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((path) => path.includes("msgpackr"))));`;
  const options = { cwd: fileURLToPath(root), encoding: "utf8" } as const;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], options));
}

describe("msgpackr", () => {
  test.each(["msgpackr/pack", "msgpackr/unpack"])("%s loads no native addon", (module) => {
    expect(listAddons(module)).toEqual([]);
  });
  test("its main entry would, where the addon is installed: the check can see it", () => {
    const isInstalled = existsSync(new URL("node_modules/@msgpackr-extract", root));
    expect(listAddons("msgpackr").length > 0).toBe(isInstalled);
  });
  test("only the codec imports it, by these two entries", () => {
    const imports = ["spec", "dapp", "node-client"].flatMap((room) =>
      readdirSync(new URL(`${room}/`, root), { encoding: "utf8", recursive: true })
        .filter((path) => path.endsWith(".ts"))
        .flatMap((path) => {
          const code = readFileSync(new URL(`${room}/${path}`, root), "utf8");
          return [...code.matchAll(/(?:from|import\() ?"(msgpackr[^"]*)"/g)].map(
            ([, entry]) => `${room}/${path} ${entry}`,
          );
        }),
    );
    expect(imports).toEqual(["spec/codec.ts msgpackr/pack", "spec/codec.ts msgpackr/unpack"]);
  });
  test("nor has this process loaded it by importing the codec", () => {
    const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
    expect(sharedObjects.filter((path) => path.includes("msgpackr"))).toEqual([]);
  });
});
