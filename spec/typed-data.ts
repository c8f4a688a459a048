import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Field, type Layout, showFields } from "./field-layout.ts";
import type { InputContext } from "./input.ts";
import {
  type Authorization,
  OPERATION_KINDS,
  OPERATIONS,
  type OperationKind,
  type SignableBody,
} from "./operations.ts";
import { hex } from "./outputs.ts";
import { computeDomainSeparator, computeSigningDigest } from "./typed-hash.ts";
import { hashStruct, type StructFields, type StructTypes } from "./typed-struct-hash.ts";

const KECCAK = { keccak256: (data: Uint8Array) => keccak_256(data) };

/** The signed claim beside the body. */
export type AccountClaim = Pick<
  Extract<Authorization, { by: "account" }>,
  "account" | "nonce" | "deadlineSec"
>;

/** The domain of everything that accounts sign for an application (spec §1.5). */
export const domainOf = ({ chainId, app }: Pick<InputContext, "chainId" | "app">) =>
  ({ name: "tallyroll", version: "2", chainId, verifyingContract: hex(app) }) as const;

/** Typed data in the shape that wallets and viem's `signTypedData` take. */
export interface OperationTypedData {
  readonly domain: ReturnType<typeof domainOf>;
  readonly types: StructTypes;
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
  const { primaryType, types, layout } = STRUCTS.get(body.kind)!;
  const message = showFields(layout, body);
  message.account = hex(claim.account);
  message.nonce = BigInt(claim.nonce);
  message.deadline = BigInt(claim.deadlineSec);
  return {
    domain: domainOf(at),
    types,
    primaryType,
    message,
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

interface OperationStruct extends Pick<OperationTypedData, "primaryType" | "types"> {
  readonly layout: Layout;
}

/** One a kind, named as the kind in CamelCase, between its account, nonce and deadline (spec §1.5). */
function describeStruct(kind: OperationKind): OperationStruct {
  const { layout } = OPERATIONS[kind];
  const words = kind.split("_").map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  const primaryType = words.join("");
  const types: Record<string, StructFields> = {
    [primaryType]: [
      { name: "account", type: "address" },
      ...layout.members.map(describeField),
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
    ],
  };
  for (const { range } of layout.members) {
    const inner = range.of === "list" ? range.item.range : range;
    if (inner.of === "struct") types[inner.struct.name] = inner.struct.members.map(describeField);
  }
  return { primaryType, types, layout };
}

const describeField = ({ shown, type }: Field) => ({ name: shown, type });

/** Submissions are signed by devices, in their own way. */
const STRUCTS: ReadonlyMap<OperationKind, OperationStruct> = new Map(
  OPERATION_KINDS.filter((kind) => !("by" in OPERATIONS[kind])).map((kind) => [
    kind,
    describeStruct(kind),
  ]),
);
