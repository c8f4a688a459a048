import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Authorization, OperationBody } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import { computeDomainSeparator, computeSigningDigest } from "./typed-hash.ts";
import { hashStruct } from "./typed-struct-hash.ts";
import { NESTED_STRUCTS, STRUCTS, type StructFields } from "./typed-structs.ts";

const KECCAK = { keccak256: (data: Uint8Array) => keccak_256(data) };

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
  readonly types: Record<string, StructFields>;
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
    types: { [primaryType]: fields, ...NESTED_STRUCTS[body.kind] },
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
  const { types, primaryType, message } = encodeTypedData(at, claim, body);
  return computeSigningDigest(
    KECCAK,
    computeDomainSeparator(KECCAK, at),
    hashStruct(types, primaryType, message),
  );
}

const hex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;

/** Wire names to EIP-712 names: bytes as hex, counters as bigints, times without their suffix. */
function encodeMessage(body: SignableBody): Record<string, unknown> {
  const { kind: _, ...fields } = body;
  return encodeFields(fields);
}

function encodeFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      // A metric's `group` has had this name since the first version.
      const shown = name === "group" && "scale" in fields ? "keyGroup" : name.replace(/Sec$/, "");
      return [shown, encodeValue(value)];
    }),
  );
}

function encodeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(encodeValue);
  return typeof value === "object" && value !== null ? encodeFields(value) : value;
}
