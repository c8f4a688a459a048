/**
 * What wallets sign (spec §1.5). The structs are written down here once more, as EIP-712's
 * `encodeType` has them, and hashed by hand; so a change of a name, an order or a type that would
 * void every wallet's signature shows.
 */

import { hexToBytes } from "@noble/hashes/utils.js";
import { concat, encodeAbiParameters, type Hex, hashTypedData, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import type { SignableBody } from "../../spec/operations.ts";
import { OPERATION_KINDS } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { computeOperationDigest, encodeTypedData } from "../../spec/typed-data.ts";
import { hashStruct as hashOperationStruct } from "../../spec/typed-struct-hash.ts";
import { SETTLEMENT_CASES } from "./settlement-typed-cases.ts";

const cryptos = [nobleCrypto, await createNodeCrypto()];
const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
const at = { chainId: 31_337n, app: new Uint8Array(20).fill(0xaa) };
const claim = {
  account: hexToBytes(account.address.slice(2)),
  nonce: 5,
  deadlineSec: 1_700_000_000,
};
const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const hex = (length: number, byte: number): Hex => toHex(fill(length, byte));

const METRIC =
  "Metric(string name,string unit,string kind,uint256 scale,int256 minimum,int256 maximum,uint256 keyGroup)";
const DECLARED: readonly Metric[] = [
  {
    ...{ name: "temperature", unit: "Cel", kind: "integer", scale: 2 },
    ...{ minimum: -4_000, maximum: 8_500, group: 1 },
  },
  { name: "sky", unit: "", kind: "text", scale: 0, minimum: 0, maximum: 0, group: 0 },
];

/** A body, its struct, and the values of the struct's own fields in order. */
const CASES: readonly [SignableBody, string, readonly unknown[]][] = [
  [
    { kind: "transfer", token: fill(20, 1), to: fill(20, 2), amount: 2n ** 255n },
    "Transfer(address account,address token,address to,uint256 amount,uint256 nonce,uint256 deadline)",
    [hex(20, 1), hex(20, 2), 2n ** 255n],
  ],
  [
    { kind: "withdraw", token: fill(20, 1), recipient: fill(20, 2), amount: 7n },
    "Withdraw(address account,address token,address recipient,uint256 amount,uint256 nonce,uint256 deadline)",
    [hex(20, 1), hex(20, 2), 7n],
  ],
  [
    { kind: "register_device", key: fill(35, 3), possession: fill(64, 4) },
    "RegisterDevice(address account,bytes key,bytes possession,uint256 nonce,uint256 deadline)",
    [hex(35, 3), hex(64, 4)],
  ],
  [
    { kind: "rotate_device_key", deviceId: 9, key: fill(34, 3), possession: fill(64, 4) },
    "RotateDeviceKey(address account,uint256 deviceId,bytes key,bytes possession,uint256 nonce,uint256 deadline)",
    [9n, hex(34, 3), hex(64, 4)],
  ],
  [
    { kind: "revoke_device", deviceId: 2 ** 53 - 1 },
    "RevokeDevice(address account,uint256 deviceId,uint256 nonce,uint256 deadline)",
    [2n ** 53n - 1n],
  ],
  [
    {
      ...{
        kind: "declare_stream",
        deviceId: 1,
        name: "wétter",
        isSealed: true,
        retentionSec: 86_400,
        metrics: DECLARED,
      },
      epochKeyHashes: [fill(32, 5), fill(32, 6)],
    },
    `DeclareStream(address account,uint256 deviceId,string name,bool isSealed,uint256 retention,Metric[] metrics,bytes32[] epochKeyHashes,uint256 nonce,uint256 deadline)${METRIC}`,
    [
      ...[1n, "wétter", true, 86_400n],
      [
        ["temperature", "Cel", "integer", 2n, -4_000n, 8_500n, 1n],
        ["sky", "", "text", 0n, 0n, 0n, 0n],
      ],
      [hex(32, 5), hex(32, 6)],
    ],
  ],
  [
    { kind: "register_encryption_key", key: fill(32, 7) },
    "RegisterEncryptionKey(address account,bytes32 key,uint256 nonce,uint256 deadline)",
    [hex(32, 7)],
  ],
  [
    { kind: "rotate_epoch", streamId: 3, epoch: 4, epochKeyHashes: [fill(32, 5)] },
    "RotateEpoch(address account,uint256 streamId,uint256 epoch,bytes32[] epochKeyHashes,uint256 nonce,uint256 deadline)",
    [3n, 4n, [hex(32, 5)]],
  ],
  [
    {
      ...{ kind: "grant", streamId: 3, epoch: 4, groups: 0b101, buyer: fill(20, 8) },
      ...{ expiresAtSec: 1_800_000_000, wrappedKeys: fill(128, 9) },
    },
    "Grant(address account,uint256 streamId,uint256 epoch,uint256 groups,address buyer,uint256 expiresAt,bytes wrappedKeys,uint256 nonce,uint256 deadline)",
    [3n, 4n, 5n, hex(20, 8), 1_800_000_000n, hex(128, 9)],
  ],
  [
    { kind: "revoke_grant", streamId: 3, epoch: 4, buyer: fill(20, 8) },
    "RevokeGrant(address account,uint256 streamId,uint256 epoch,address buyer,uint256 nonce,uint256 deadline)",
    [3n, 4n, hex(20, 8)],
  ],
  [
    {
      kind: "challenge",
      batchId: 6,
      group: 15,
      batchKey: fill(32, 9),
      salt: fill(16, 3),
      body: fill(5, 4),
    },
    "Challenge(address account,uint256 batchId,uint256 group,bytes32 batchKey,bytes salt,bytes body,uint256 nonce,uint256 deadline)",
    [6n, 15n, hex(32, 9), hex(16, 3), hex(5, 4)],
  ],
  [{ kind: "poke_retention" }, "PokeRetention(address account,uint256 nonce,uint256 deadline)", []],
  ...SETTLEMENT_CASES,
];

const word = (type: string, value: unknown): Hex =>
  encodeAbiParameters([{ type }], [value] as never);

/** EIP-712 `encodeData` of one field: 32 bytes. */
function hashField(type: string, value: unknown, structs: ReadonlyMap<string, string>): Hex {
  if (type.endsWith("[]")) {
    const items = value as readonly unknown[];
    return keccak256(concat(items.map((item) => hashField(type.slice(0, -2), item, structs))));
  }
  if (structs.has(type)) return hashStruct(type, value as readonly unknown[], structs);
  if (type === "string") return keccak256(toHex(value as string));
  return type === "bytes" ? keccak256(value as Hex) : word(type, value);
}

function hashStruct(
  name: string,
  values: readonly unknown[],
  structs: ReadonlyMap<string, string>,
): Hex {
  const definition = structs.get(name)!;
  const typeHash = keccak256(toHex([definition, ...listOthers(name, structs)].join("")));
  const fields = definition.slice(name.length + 1, -1).split(",");
  const data = fields.map((field, i) => hashField(field.split(" ")[0]!, values[i], structs));
  return keccak256(concat([typeHash, ...data]));
}

/** The structs that a definition names, without itself. There is one level of them. */
function listOthers(name: string, structs: ReadonlyMap<string, string>): string[] {
  const definition = structs.get(name)!;
  return [...structs].filter(([n]) => n !== name && definition.includes(n)).map(([, d]) => d);
}

function computeByHand(encodedType: string, values: readonly unknown[]): Hex {
  const parts = encodedType.match(/\w+\([^)]*\)/g)!;
  const structs = new Map(parts.map((part) => [part.slice(0, part.indexOf("(")), part]));
  const domainType =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  const domain = hashStruct(
    "EIP712Domain",
    ["tallyroll", "2", at.chainId, toHex(at.app)],
    new Map([["EIP712Domain", domainType]]),
  );
  const message = [account.address, ...values, BigInt(claim.nonce), BigInt(claim.deadlineSec)];
  return keccak256(
    concat(["0x1901", domain, hashStruct([...structs.keys()][0]!, message, structs)]),
  );
}

test("every kind that an account can sign is here", () => {
  const signable = OPERATION_KINDS.filter((kind) => kind !== "submit");
  expect(CASES.map(([{ kind }]) => kind).sort()).toEqual(signable.sort());
});

describe.each(CASES.map(([body, ...rest]) => [body.kind, body, ...rest] as const))(
  "%s",
  (_, body, encodedType, values) => {
    const digest = computeOperationDigest(at, claim, body);

    test("has the digest of its struct, hashed by hand and by viem", () => {
      expect(toHex(digest)).toBe(computeByHand(encodedType, values));
      const typedData = encodeTypedData(at, claim, body);
      expect(hashTypedData(typedData as never)).toBe(toHex(digest));
    });

    test("is signed by a wallet and recovered by both implementations", async () => {
      const signature = await account.signTypedData(encodeTypedData(at, claim, body) as never);
      for (const crypto of cryptos) {
        expect(crypto.recoverAddress(digest, hexToBytes(signature.slice(2)))).toEqual(
          claim.account,
        );
      }
    });

    test("shows every field: a change of any one changes the digest", () => {
      const digests = new Set([toHex(digest)]);
      const changes = [
        ...listChanges(body).map((changed) => computeOperationDigest(at, claim, changed)),
        computeOperationDigest({ ...at, chainId: 1n }, claim, body),
        computeOperationDigest({ ...at, app: fill(20, 0xbb) }, claim, body),
        computeOperationDigest(at, { ...claim, account: fill(20, 0xcc) }, body),
        computeOperationDigest(at, { ...claim, nonce: 6 }, body),
        computeOperationDigest(at, { ...claim, deadlineSec: 1_700_000_001 }, body),
      ];
      for (const changed of changes) digests.add(toHex(changed));
      expect(digests.size).toBe(changes.length + 1);
    });
  },
);

test("kinds of the same fields have digests of their own", () => {
  const digests = CASES.map(([body]) => toHex(computeOperationDigest(at, claim, body)));
  expect(new Set(digests).size).toBe(CASES.length);
  const fields = { token: fill(20, 1), amount: 7n };
  const give = { kind: "transfer", to: fill(20, 2), ...fields } as const;
  const take = { kind: "withdraw", recipient: fill(20, 2), ...fields } as const;
  expect(computeOperationDigest(at, claim, give)).not.toEqual(
    computeOperationDigest(at, claim, take),
  );
});

/** The same body with each of its leaves changed in turn, lists also longer and shorter. */
function listChanges(body: SignableBody): SignableBody[] {
  return Object.entries(body).flatMap(([name, value]) =>
    name === "kind" ? [] : vary(value).map((changed) => ({ ...body, [name]: changed })),
  );
}

function vary(value: unknown): unknown[] {
  if (typeof value === "bigint") return [value - 1n, value + 1n];
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (typeof value === "string") return [`${value}x`, ` ${value}`];
  if (value instanceof Uint8Array) return [value.map((byte, i) => (i === 0 ? byte ^ 1 : byte))];
  if (Array.isArray(value)) {
    const changed = value.flatMap((item, i) =>
      vary(item).map((other) => [...value.slice(0, i), other, ...value.slice(i + 1)]),
    );
    const reordered = value.length > 1 ? [[...value].reverse()] : [];
    return [...changed, ...reordered, value.slice(1), [...value, value[0]]];
  }
  return Object.entries(value as object).flatMap(([name, field]) =>
    vary(field).map((other) => ({ ...(value as object), [name]: other })),
  );
}

test.each([
  ["bytes16", hex(15, 1)],
  ["bytes32", hex(33, 1)],
  ["address", hex(21, 1)],
  ["uint256", -1n],
  ["uint256", 2n ** 256n],
])("nothing is cut or padded to fit %s: %s", (type, value) => {
  const types = { Misfit: [{ name: "field", type }] };
  expect(() => hashOperationStruct(types, "Misfit", { field: value })).toThrow(RangeError);
});
