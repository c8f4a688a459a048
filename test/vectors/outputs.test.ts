/** The bytes that leave the machine, against the contracts of rollups-contracts 2.2.0. */

import { createRequire } from "node:module";
import { hexToBytes } from "@noble/hashes/utils.js";
import {
  type Abi,
  concat,
  encodeFunctionData,
  erc20Abi,
  getContractAddress,
  type Hex,
  keccak256,
  pad,
  parseAbi,
  toFunctionSelector,
  toHex,
  zeroHash,
} from "viem";
import { describe, expect, test } from "vitest";
import { OUTPUT_TREE_HEIGHT, OutputTree } from "../../node-client/chain/output-tree.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { encodeEvmAdvance } from "../../spec/evm-advance.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import { encodeOutput, type Output } from "../../spec/outputs.ts";
import { ETHER, PORTALS, SAFE_ERC20_TRANSFER } from "../../spec/portals.ts";
import {
  encodeErc721Return,
  encodeErc1155BatchReturn,
  encodeErc1155Return,
  encodeWithdrawal,
} from "../../spec/vouchers.ts";

const require = createRequire(import.meta.url);
interface Artifact {
  readonly abi: Abi;
  readonly bytecode: { readonly object: Hex };
}
const artifact = (name: string) =>
  require(`@cartesi/rollups/out/${name}.sol/${name}.json`) as Artifact;

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const MAX = 2n ** 256n - 1n;

describe("encodeOutput", () => {
  const { abi } = artifact("Outputs");
  const payloads = [0, 1, 31, 32, 33, 500].map((length) => toHex(fill(length, 0x5a)));
  test.each(payloads)("is the call that Outputs.sol declares, payload %#", (payload) => {
    const destination = toHex(fill(20, 0xd1));
    const cases: readonly [Output, string, readonly unknown[]][] = [
      [{ kind: "notice", payload }, "Notice", [payload]],
      [{ kind: "voucher", destination, value: 7n, payload }, "Voucher", [destination, 7n, payload]],
      [
        { kind: "voucher", destination, value: MAX, payload },
        "Voucher",
        [destination, MAX, payload],
      ],
      [
        { kind: "delegate_call_voucher", destination, payload },
        "DelegateCallVoucher",
        [destination, payload],
      ],
    ];
    for (const [output, functionName, args] of cases) {
      expect(toHex(encodeOutput(output))).toBe(encodeFunctionData({ abi, functionName, args }));
    }
  });
});

describe("encodeEvmAdvance", () => {
  const { abi } = artifact("Inputs");
  const at = {
    chainId: MAX,
    app: fill(20, 0xaa),
    sender: fill(20, 0xbb),
    blockNumber: 2 ** 53 - 1,
    timestampSec: 1_700_000_000,
    prevRandao: fill(32, 0xcc),
    inputIndex: 2 ** 40,
  };
  test.each([0, 1, 31, 32, 33, 1_000])(
    "is the call that Inputs.sol declares, %i bytes",
    (length) => {
      const payload = fill(length, 0x5a);
      const data = encodeFunctionData({
        abi,
        functionName: "EvmAdvance",
        args: [
          ...[at.chainId, toHex(at.app), toHex(at.sender), BigInt(at.blockNumber)],
          ...[BigInt(at.timestampSec), BigInt(toHex(at.prevRandao)), BigInt(at.inputIndex)],
          toHex(payload),
        ],
      });
      expect(toHex(encodeEvmAdvance(at, payload))).toBe(data);
    },
  );

  test("the longest payload is the longest that the InputBox takes", () => {
    const inputBytesMax = 65_536;
    expect(encodeEvmAdvance(at, new Uint8Array(PAYLOAD_BYTES_MAX)).length).toBeLessThanOrEqual(
      inputBytesMax,
    );
    expect(encodeEvmAdvance(at, new Uint8Array(PAYLOAD_BYTES_MAX + 1)).length).toBeGreaterThan(
      inputBytesMax,
    );
  });
});

describe("addresses", () => {
  /** Where the package's bytecode lands: CREATE2 by the usual deployer, salt 0. */
  const locate = (name: string, argument: Hex = "0x") =>
    getContractAddress({
      opcode: "CREATE2",
      from: "0x4e59b44847b379578588920cA78FbF26c0B4956C",
      salt: zeroHash,
      bytecode: concat([artifact(name).bytecode.object, argument]),
    }).toLowerCase();
  const inputBox = pad(locate("InputBox") as Hex);

  test.each([
    ["ether", "EtherPortal"],
    ["erc20", "ERC20Portal"],
    ["erc721", "ERC721Portal"],
    ["erc1155_single", "ERC1155SinglePortal"],
    ["erc1155_batch", "ERC1155BatchPortal"],
  ] as const)("the %s portal is where %s is deployed", (portal, name) => {
    expect(`0x${PORTALS[portal]}`).toBe(locate(name, inputBox));
  });
  test("withdrawals run through SafeERC20Transfer where it is deployed", () => {
    expect(SAFE_ERC20_TRANSFER).toBe(locate("SafeERC20Transfer"));
  });
});

describe("vouchers", () => {
  const [token, app, owner] = [fill(20, 0x70), fill(20, 0xaa), fill(20, 0x0e)];
  const [tokenHex, appHex, ownerHex] = [token, app, owner].map((bytes) => toHex(bytes));

  test("Ether is paid by a plain voucher with the value", () => {
    expect(encodeWithdrawal(ETHER, owner, MAX)).toEqual({
      kind: "voucher",
      destination: ownerHex,
      value: MAX,
      payload: "0x",
    });
  });
  test("an ERC-20 is paid by delegate call, as SafeERC20Transfer declares it", () => {
    const { abi } = artifact("SafeERC20Transfer");
    const output = encodeWithdrawal(token, owner, MAX);
    expect(output).toMatchObject({
      kind: "delegate_call_voucher",
      destination: SAFE_ERC20_TRANSFER,
    });
    const args = [tokenHex, ownerHex, MAX];
    expect(output.payload).toBe(encodeFunctionData({ abi, functionName: "safeTransfer", args }));
  });
  const transfers = parseAbi([
    "function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data)",
    "function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] values, bytes data)",
  ]);
  const returned = (payload: Hex) => ({
    ...{ kind: "voucher", destination: tokenHex, value: 0n },
    payload,
  });
  test("an ERC-721 goes back by the function its portal called, which no ERC-20 has", () => {
    const abi = parseAbi([
      "function safeTransferFrom(address from, address to, uint256 tokenId, bytes data)",
    ]);
    const call = { abi, functionName: "safeTransferFrom" } as const;
    const payload = encodeFunctionData({ ...call, args: [appHex!, ownerHex!, MAX, "0x"] });
    const functions = erc20Abi.filter((item) => item.type === "function");
    const erc20 = functions.map((item) => toFunctionSelector(item));
    expect(erc20).not.toContain(payload.slice(0, 10));
    expect(encodeErc721Return(token, app, owner, MAX)).toEqual(returned(payload));
  });
  test("an ERC-1155 goes back by safeTransferFrom", () => {
    const call = { abi: transfers, functionName: "safeTransferFrom" } as const;
    const payload = encodeFunctionData({ ...call, args: [appHex!, ownerHex!, 7n, MAX, "0x"] });
    expect(encodeErc1155Return(token, app, owner, 7n, MAX)).toEqual(returned(payload));
  });
  test("ERC-1155s of several ids go back together", () => {
    const call = { abi: transfers, functionName: "safeBatchTransferFrom" } as const;
    for (const ids of [[], [7n], [7n, 8n, MAX]]) {
      const payload = encodeFunctionData({ ...call, args: [appHex!, ownerHex!, ids, ids, "0x"] });
      expect(encodeErc1155BatchReturn(token, app, owner, ids, ids)).toEqual(returned(payload));
    }
  });
  test("their interfaces' selectors are those of the packages' tokens", () => {
    const selectors = (name: string) =>
      artifact(name).abi.flatMap((item) =>
        item.type === "function" ? toFunctionSelector(item) : [],
      );
    expect(selectors("IERC721")).toContain("0x23b872dd");
    expect(selectors("IERC1155")).toEqual(expect.arrayContaining(["0xf242432a", "0x2eb2c2d6"]));
    expect(selectors("SafeERC20Transfer")).toEqual(["0xd1660f99"]);
  });
});

describe("the output tree", () => {
  /** The root over all 2^63 leaves, level by level, with nothing kept from call to call. */
  function computeSlowly(leaves: readonly Hex[]): Hex {
    let level = [...leaves];
    let empty: Hex = zeroHash;
    for (let height = 0; height < OUTPUT_TREE_HEIGHT; height++) {
      if (level.length % 2 === 1) level.push(empty);
      const next: Hex[] = [];
      for (let i = 0; i < level.length; i += 2) {
        next.push(keccak256(concat([level[i]!, level[i + 1]!])));
      }
      level = next;
      empty = keccak256(concat([empty, empty]));
    }
    return level[0] ?? empty;
  }

  test("without an output has the root that contracts start from", () => {
    expect(toHex(new OutputTree(nobleCrypto).computeRoot())).toBe(
      "0x0a162946e56158bac0673e6dd3bdfdc1e4a0e7744a120fdb640050c8d7abe1c6",
    );
    expect(computeSlowly([])).toBe(toHex(new OutputTree(nobleCrypto).computeRoot()));
  });
  test("has the root of a whole computation after each of twenty outputs", () => {
    const tree = new OutputTree(nobleCrypto);
    const leaves: Hex[] = [];
    for (let i = 1; i <= 20; i++) {
      const output = encodeOutput({ kind: "notice", payload: toHex(fill(i, i)) });
      tree.append(output);
      leaves.push(keccak256(output));
      expect(tree.count).toBe(i);
      expect(toHex(tree.computeRoot())).toBe(computeSlowly(leaves));
    }
  });
  test("computing its root changes nothing", () => {
    const tree = new OutputTree(nobleCrypto);
    tree.append(hexToBytes("c258d6e5"));
    expect(tree.computeRoot()).toEqual(tree.computeRoot());
  });
});
