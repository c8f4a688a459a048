/** `Notices.sol` through the Solidity compiler, against the ABI that the engine encodes by. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AbiFunction, type AbiParameter, decodeFunctionData, getAddress } from "viem";
import { describe, expect, test } from "vitest";
import { encodeNotice, NOTICES_ABI, type NoticeName } from "../../spec/notices.ts";

const require = createRequire(import.meta.url);

interface CompilerOutput {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: {
    readonly [file: string]: {
      readonly Notices: {
        readonly abi: readonly AbiFunction[];
        readonly evm: { readonly methodIdentifiers: Readonly<Record<string, string>> };
      };
    };
  };
}

function compileNotices() {
  const solc = require("solc") as { compile(input: string): string };
  const content = readFileSync(new URL("../../spec/Notices.sol", import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: { "Notices.sol": { content } },
    settings: { outputSelection: { "*": { "*": ["abi", "evm.methodIdentifiers"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  expect(output.errors ?? []).toEqual([]);
  return output.contracts["Notices.sol"]!.Notices;
}

const { abi, evm } = compileNotices();
const describeParameter = ({ name, type }: AbiParameter) => `${type} ${name}`;
const describeFunction = ({ name, inputs, outputs, stateMutability }: AbiFunction) =>
  `${name}(${inputs.map(describeParameter)}) ${stateMutability} → (${outputs.map(describeParameter)})`;

test("the compiler's ABI is the engine's: names, types, parameters, order", () => {
  const compiled = new Map(abi.map((item) => [item.name, describeFunction(item)]));
  const ours = new Map(NOTICES_ABI.map((item) => [item.name as string, describeFunction(item)]));
  expect(ours).toEqual(compiled);
  expect(abi.every(({ type }) => type === "function")).toBe(true);
  expect(NOTICES_ABI.length).toBe(abi.length);
});

/** The least, an ordinary and the greatest value of a type. */
function valuesOf(type: string): readonly unknown[] {
  if (type === "uint256") return [0n, 42n, 2n ** 256n - 1n];
  if (type === "bool") return [false, true, true];
  if (type === "string") return ["", "did:key:z6Mk", "größer ❄ ".repeat(20)];
  if (type === "address") return [0, 0x5a, 0xff].map((byte) => getAddress(hex(20, byte)));
  if (type === "bytes32") return [0, 0x5a, 0xff].map((byte) => hex(32, byte));
  if (type === "bytes") return ["0x", "0x00018020", hex(512, 0xff)];
  if (type === "bytes16") return [0, 0x5a, 0xff].map((byte) => hex(16, byte));
  if (type === "bytes32[]") return [[], [hex(32, 1)], new Array(16).fill(hex(32, 2))];
  throw new Error(`no values of ${type}`);
}
const hex = (length: number, byte: number) =>
  `0x${Buffer.alloc(length, byte).toString("hex")}` as const;

describe.each(abi.map((item) => [item.name, item] as const))("%s", (name, item) => {
  const { inputs } = item;
  test.each([0, 1, 2])("is decoded by the compiled ABI, values %i", (choice) => {
    const args = inputs.map(({ type }) => valuesOf(type)[choice]);
    const output = encodeNotice(name as NoticeName, args as never);
    expect(output.kind).toBe("notice");
    const decoded = decodeFunctionData({ abi, data: output.payload });
    expect(decoded).toEqual({ functionName: name, args });
  });

  test("has the compiler's selector", () => {
    const args = inputs.map(({ type }) => valuesOf(type)[0]);
    const signature = `${name}(${inputs.map(({ type }) => type)})`;
    const { payload } = encodeNotice(name as NoticeName, args as never);
    expect(payload.slice(2, 10)).toBe(evm.methodIdentifiers[signature]);
  });
});

test("no two notices share a selector, so that a contract knows which one it holds", () => {
  const selectors = Object.values(evm.methodIdentifiers);
  expect(new Set(selectors).size).toBe(NOTICES_ABI.length);
});
