/** Deposits as the portals of rollups-contracts 2.2.0 encode them (`InputEncoding`). */

import { hexToBytes } from "@noble/hashes/utils.js";
import { encodeAbiParameters, encodePacked, type Hex, parseAbiParameters, toHex } from "viem";
import { describe, expect, test } from "vitest";
import { decodeDeposit } from "../../spec/deposits.ts";
import { ETHER, findPortal, PORTALS, type Portal } from "../../spec/portals.ts";

const MAX = 2n ** 256n - 1n;
const token = new Uint8Array(20).fill(0x70);
const sender = new Uint8Array(20).fill(0x5e);
const [tokenHex, senderHex] = [toHex(token), toHex(sender)];
const DATA: readonly Hex[] = ["0x", "0xbeef", toHex(new Uint8Array(100).fill(1))];
const bytes = (hex: Hex) => hexToBytes(hex.slice(2));
const layers = (data: Hex) => encodeAbiParameters(parseAbiParameters("bytes, bytes"), [data, data]);
const batch = (ids: readonly bigint[], values: readonly bigint[], data: Hex = "0x") =>
  encodeAbiParameters(parseAbiParameters("uint256[], uint256[], bytes, bytes"), [
    ...([ids, values, data, data] as const),
  ]);

const ether = (amount: bigint, data: Hex = "0x") =>
  encodePacked(["address", "uint256", "bytes"], [senderHex, amount, data]);
const erc20 = (amount: bigint, data: Hex = "0x") =>
  encodePacked(["address", "address", "uint256", "bytes"], [tokenHex, senderHex, amount, data]);
const erc721 = (id: bigint, data: Hex) =>
  encodePacked(["address", "address", "uint256", "bytes"], [tokenHex, senderHex, id, layers(data)]);
const erc1155 = (id: bigint, amount: bigint, data: Hex) =>
  encodePacked(
    ["address", "address", "uint256", "uint256", "bytes"],
    [tokenHex, senderHex, id, amount, layers(data)],
  );
const erc1155Batch = (...list: Parameters<typeof batch>) =>
  encodePacked(["address", "address", "bytes"], [tokenHex, senderHex, batch(...list)]);

describe.each(DATA)("with data %s", (data) => {
  test.each([0n, 1n, MAX])("%s wei", (amount) => {
    expect(decodeDeposit("ether", bytes(ether(amount, data)))).toEqual({
      ...{ kind: "fungible", token: ETHER, sender, amount },
    });
  });
  test.each([0n, 1n, MAX])("%s units of an ERC-20", (amount) => {
    expect(decodeDeposit("erc20", bytes(erc20(amount, data)))).toEqual({
      ...{ kind: "fungible", token, sender, amount },
    });
  });
  test.each([0n, MAX])("ERC-721 token %s", (tokenId) => {
    expect(decodeDeposit("erc721", bytes(erc721(tokenId, data)))).toEqual({
      ...{ kind: "erc721", token, sender, tokenId },
    });
  });
  test("an amount of an ERC-1155 token", () => {
    expect(decodeDeposit("erc1155_single", bytes(erc1155(7n, MAX, data)))).toEqual({
      ...{ kind: "erc1155", token, sender, tokenIds: [7n], amounts: [MAX], isBatch: false },
    });
  });
  test.each<[number, bigint[], bigint[]]>([
    [0, [], []],
    [1, [7n], [1n]],
    [3, [7n, 8n, 7n], [1n, MAX, 0n]],
  ])("amounts of %i ERC-1155 tokens", (_, tokenIds, amounts) => {
    const payload = bytes(erc1155Batch(tokenIds, amounts, data));
    expect(decodeDeposit("erc1155_batch", payload)).toEqual({
      ...{ kind: "erc1155", token, sender, tokenIds, amounts, isBatch: true },
    });
  });
});

describe("refused", () => {
  const WHOLE: readonly [Portal, Hex, number][] = [
    ["ether", ether(1n), 52],
    ["erc20", erc20(1n), 72],
    ["erc721", erc721(1n, "0x"), 72],
    ["erc1155_single", erc1155(1n, 1n, "0x"), 104],
  ];
  test.each(WHOLE)("%s fields cut at any byte", (portal, payload, fieldBytes) => {
    const whole = bytes(payload);
    expect(decodeDeposit(portal, whole.subarray(0, fieldBytes))).toBeDefined();
    for (let length = 0; length < fieldBytes; length++) {
      expect(decodeDeposit(portal, whole.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
  });
  test("a batch cut at any byte of what it needs", () => {
    const whole = bytes(erc1155Batch([7n, 8n], [1n, 2n]));
    for (let length = 0; length < whole.length; length++) {
      expect(decodeDeposit("erc1155_batch", whole.subarray(0, length))).toBeUndefined();
    }
  });
  test("a batch with an amount too few or too many", () => {
    for (const [ids, amounts] of [
      [[7n, 8n], [1n]],
      [[7n], [1n, 2n]],
      [[], [1n]],
    ] as const) {
      expect(decodeDeposit("erc1155_batch", bytes(erc1155Batch(ids, amounts)))).toBeUndefined();
    }
  });
  test("a batch of lengths and places that no portal writes", () => {
    const whole = bytes(erc1155Batch([7n, 8n], [1n, 2n]));
    for (let word = 0; word < (whole.length - 40) / 32; word++) {
      for (const byte of [0x01, 0x7f, 0xff]) {
        const changed = whole.slice();
        changed.fill(byte, 40 + 32 * word, 40 + 32 * word + 32);
        // Never a throw; where it decodes, ids and amounts are as many.
        const deposit = decodeDeposit("erc1155_batch", changed);
        if (deposit?.kind === "erc1155")
          expect(deposit.amounts.length).toBe(deposit.tokenIds.length);
      }
    }
  });
  test.each<[Portal, Hex]>([
    ["erc20", erc20(1n)],
    ["erc721", erc721(1n, "0x")],
    ["erc1155_single", erc1155(1n, 1n, "0x")],
    ["erc1155_batch", erc1155Batch([1n], [1n])],
  ])("%s of the zero address, which stands for Ether", (portal, payload) => {
    const whole = bytes(payload);
    expect(decodeDeposit(portal, whole)).toBeDefined();
    expect(decodeDeposit(portal, whole.fill(0, 0, 20))).toBeUndefined();
  });
});

describe("findPortal", () => {
  test.each(Object.entries(PORTALS))("knows %s by its address", (portal, address) => {
    expect(findPortal(hexToBytes(address))).toBe(portal);
    const neighbour = hexToBytes(address);
    neighbour[19]! ^= 1;
    expect(findPortal(neighbour)).toBeUndefined();
  });
  test("takes nobody else for one", () => {
    expect(findPortal(sender)).toBeUndefined();
    expect(findPortal(ETHER)).toBeUndefined();
  });
});
