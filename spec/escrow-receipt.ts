import type { Crypto } from "./crypto.ts";
import { computeTypedDigest, computeTypeHash } from "./typed-hash.ts";

/** As EIP-712 writes the type. */
export const RECEIPT_DEFINITION =
  "EscrowReceipt(bytes16 escrowId,uint256 unit,uint256 messageCount,uint256 validCount)";
const RECEIPT_TYPE = computeTypeHash(RECEIPT_DEFINITION);

/** What a buyer signs off chain (spec §12.6), cumulative, so that the last one says it all. */
export interface EscrowReceipt {
  /** 16 bytes. */
  readonly escrowId: Uint8Array;
  /** Pull: how many units are accepted in all. Pubsub: the session. */
  readonly unit: number;
  /** Pubsub: messages of the session so far; 0 in pull mode. */
  readonly messageCount: number;
  /** Of them valid; 0 in pull mode. */
  readonly validCount: number;
}

/**
 * The EIP-712 digest of a receipt.
 *
 * @example
 * const digest = computeReceiptDigest(crypto, computeDomainSeparator(crypto, at), receipt);
 */
export function computeReceiptDigest(
  crypto: Crypto,
  domainSeparator: Uint8Array,
  receipt: EscrowReceipt,
): Uint8Array {
  // bytes16 stands at the front of its word, unlike integers and addresses.
  const escrowId = new Uint8Array(32);
  escrowId.set(receipt.escrowId);
  return computeTypedDigest(crypto, domainSeparator, RECEIPT_TYPE, [
    escrowId,
    receipt.unit,
    receipt.messageCount,
    receipt.validCount,
  ]);
}
