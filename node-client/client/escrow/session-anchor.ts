import type { Crypto } from "../../../spec/crypto.ts";
import { computeInclusionProof, computeRoot, hashLeaf } from "../../../spec/merkle.ts";

/** What a provider says of a session that is over (spec §12.7). */
export interface SessionAnchor {
  /** RFC 9162 root over the messages, in order: 32 bytes; zeros of no message. */
  readonly root: Uint8Array;
  readonly messageCount: number;
  readonly validCount: number;
}

/**
 * Counts a session's messages and commits to them, so that each can be shown to an arbiter later.
 *
 * @param isValid Whether a message counts as valid.
 * @example
 * const anchor = computeSessionAnchor(crypto, messages, (message) => message.length > 0);
 */
export function computeSessionAnchor(
  crypto: Crypto,
  messages: readonly Uint8Array[],
  isValid: (message: Uint8Array) => boolean = () => true,
): SessionAnchor {
  const hashes = messages.map((message) => hashLeaf(crypto, message));
  return {
    root: hashes.length === 0 ? new Uint8Array(32) : computeRoot(crypto, hashes),
    messageCount: messages.length,
    validCount: messages.filter(isValid).length,
  };
}

/**
 * The path that proves a message under its session's root: `verifyInclusion` of `spec/` checks it.
 *
 * @throws RangeError when there is no such message.
 */
export function proveMessage(
  crypto: Crypto,
  messages: readonly Uint8Array[],
  index: number,
): readonly Uint8Array[] {
  const hashes = messages.map((message) => hashLeaf(crypto, message));
  return computeInclusionProof(crypto, hashes, index);
}
