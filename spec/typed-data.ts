import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { hashTypedData } from "viem";
import type { Authorization, OperationBody } from "./operations.ts";
import type { Hex } from "./outputs.ts";

/** One EIP-712 struct a kind of operation (spec §1.5): every field of the body is shown. */
const HEAD = [{ name: "account", type: "address" }] as const;
const TAIL = [
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
] as const;
const METRIC = [
  { name: "name", type: "string" },
  { name: "unit", type: "string" },
  { name: "kind", type: "string" },
  { name: "scale", type: "uint256" },
  { name: "minimum", type: "int256" },
  { name: "maximum", type: "int256" },
  { name: "keyGroup", type: "uint256" },
] as const;

type Field = { readonly name: string; readonly type: string };
type Fields = readonly Field[];

const STRUCTS = {
  transfer: struct("Transfer", "address token", "address to", "uint256 amount"),
  withdraw: struct("Withdraw", "address token", "address recipient", "uint256 amount"),
  register_device: struct("RegisterDevice", "bytes key", "bytes possession"),
  rotate_device_key: struct("RotateDeviceKey", "uint256 deviceId", "bytes key", "bytes possession"),
  revoke_device: struct("RevokeDevice", "uint256 deviceId"),
  declare_stream: struct(
    "DeclareStream",
    "uint256 deviceId",
    "string name",
    "bool isSealed",
    "Metric[] metrics",
    "bytes32[] epochKeyHashes",
  ),
  register_encryption_key: struct("RegisterEncryptionKey", "bytes32 key"),
  rotate_epoch: struct(
    "RotateEpoch",
    "uint256 streamId",
    "uint256 epoch",
    "bytes32[] epochKeyHashes",
  ),
  grant: struct(
    "Grant",
    "uint256 streamId",
    "uint256 epoch",
    "uint256 groups",
    "address buyer",
    "uint256 expiresAt",
    "bytes wrappedKeys",
  ),
  revoke_grant: struct("RevokeGrant", "uint256 streamId", "uint256 epoch", "address buyer"),
  challenge: struct("Challenge", "uint256 batchId", "uint256 group", "bytes32 batchKey"),
} as const satisfies Record<Exclude<OperationBody["kind"], "submit">, unknown>;

function struct(primaryType: string, ...fields: string[]) {
  const own: Fields = fields.map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });
  return { primaryType, fields: [...HEAD, ...own, ...TAIL] as Fields };
}

/** The operations an account can sign: all but a device's submissions. */
export type SignableBody = Exclude<OperationBody, { kind: "submit" }>;

/** The signed claim beside the body. */
export type AccountClaim = Pick<
  Extract<Authorization, { by: "account" }>,
  "account" | "nonce" | "deadlineSec"
>;

/** Typed data in the shape that wallets and viem's `signTypedData` take. */
export interface OperationTypedData {
  readonly domain: {
    readonly name: "tallyroll";
    readonly version: "1";
    readonly chainId: bigint;
    readonly verifyingContract: Hex;
  };
  readonly types: Record<string, Fields>;
  readonly primaryType: string;
  readonly message: Record<string, unknown>;
}

/**
 * The EIP-712 typed data of an operation: what a wallet shows and signs.
 *
 * @example
 * const signature = await wallet.signTypedData(encodeTypedData(at, claim, body));
 */
export function encodeTypedData(
  at: { readonly chainId: bigint; readonly app: Uint8Array },
  claim: AccountClaim,
  body: SignableBody,
): OperationTypedData {
  const { primaryType, fields } = STRUCTS[body.kind];
  return {
    domain: {
      name: "tallyroll",
      version: "1",
      chainId: at.chainId,
      verifyingContract: hex(at.app),
    },
    types:
      body.kind === "declare_stream"
        ? { [primaryType]: fields, Metric: METRIC }
        : { [primaryType]: fields },
    primaryType,
    message: {
      ...encodeMessage(body),
      account: hex(claim.account),
      nonce: BigInt(claim.nonce),
      deadline: BigInt(claim.deadlineSec),
    },
  };
}

/** The 32-byte digest of `encodeTypedData` (EIP-712). */
export function computeOperationDigest(
  at: { readonly chainId: bigint; readonly app: Uint8Array },
  claim: AccountClaim,
  body: SignableBody,
): Uint8Array {
  const typedData = encodeTypedData(at, claim, body);
  return hexToBytes(hashTypedData(typedData as Parameters<typeof hashTypedData>[0]).slice(2));
}

const hex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;

/** Wire names to EIP-712 names: bytes as hex, counters as bigints, times without their suffix. */
function encodeMessage(body: SignableBody): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === "kind") continue;
    if (name === "metrics" && body.kind === "declare_stream") {
      message[name] = body.metrics.map(({ group, ...metric }) => ({
        ...metric,
        scale: BigInt(metric.scale),
        minimum: BigInt(metric.minimum),
        maximum: BigInt(metric.maximum),
        keyGroup: BigInt(group),
      }));
    } else message[name === "expiresAtSec" ? "expiresAt" : name] = encodeValue(value);
  }
  return message;
}

function encodeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "number") return BigInt(value);
  return Array.isArray(value) ? value.map(encodeValue) : value;
}
