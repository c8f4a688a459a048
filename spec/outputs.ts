import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { encodeWord, writeWord } from "./words.ts";

/** `0x` and lower-case hexadecimal digits of whole bytes: what the rollup HTTP API carries. */
export type Hex = `0x${string}`;

export const hex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;

/** What one input may leave on chain (spec §7.1). Order is committed to by the output tree. */
export type Output =
  | { readonly kind: "notice"; readonly payload: Hex }
  | {
      readonly kind: "voucher";
      readonly destination: Hex;
      /** Wei sent along. */
      readonly value: bigint;
      readonly payload: Hex;
    }
  | { readonly kind: "delegate_call_voucher"; readonly destination: Hex; readonly payload: Hex };

/** The verdict over one input. A rejected input has reports, never outputs. */
export interface AdvanceResult {
  readonly status: "accepted" | "rejected";
  readonly outputs: readonly Output[];
  /** Report payloads, one a refused operation (spec §1.6). */
  readonly reports: readonly Hex[];
}

const SELECTOR_NOTICE = hexToBytes("c258d6e5");
const SELECTOR_VOUCHER = hexToBytes("237a816f");
const SELECTOR_DELEGATE_CALL_VOUCHER = hexToBytes("10321e8b");

/**
 * The bytes whose keccak256 is a leaf of the output tree: the ABI call `Notice(bytes)`,
 * `Voucher(address,uint256,bytes)` or `DelegateCallVoucher(address,bytes)` of Cartesi's `Outputs`
 * interface (rollups-contracts 2.2.0).
 */
export function encodeOutput(output: Output): Uint8Array {
  const payload = hexToBytes(output.payload.slice(2));
  const tail = encodeDynamicBytes(payload);
  if (output.kind === "notice") return concatBytes(SELECTOR_NOTICE, encodeWord(32n), tail);
  const destination = new Uint8Array(32);
  destination.set(hexToBytes(output.destination.slice(2)), 12);
  return output.kind === "voucher"
    ? concatBytes(SELECTOR_VOUCHER, destination, encodeWord(output.value), encodeWord(96n), tail)
    : concatBytes(SELECTOR_DELEGATE_CALL_VOUCHER, destination, encodeWord(64n), tail);
}

function encodeDynamicBytes(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(32 + Math.ceil(data.length / 32) * 32);
  writeWord(bytes, 0, BigInt(data.length));
  bytes.set(data, 32);
  return bytes;
}
