import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import type { EscrowKind } from "./escrow-operations.ts";
import type { InputContext } from "./input.ts";
import { ESCROW_ID_BYTES } from "./references.ts";
import { hashWords } from "./typed-hash.ts";

/** Identifiers of escrows (spec §12.2): derived, never chosen; public, so never a secret. */

/** Operations of one input are fewer, so positions rise strictly through the whole history. */
const OPERATIONS_A_POSITION = 256;

export type OperationPlace = Pick<InputContext, "chainId" | "app" | "inputIndex"> & {
  readonly operationIndex: number;
};

/** ASCII text at the front of a word, as Solidity's `bytes32("…")`. */
function tagWord(tag: string): Uint8Array {
  const word = new Uint8Array(32);
  word.set(utf8ToBytes(tag));
  return word;
}

const ID_TAG = tagWord("tallyroll/escrow/2");
const ECT_TAG = tagWord("tallyroll/ect/2");

/** keccak256(abi.encode(bytes32 tag, chain id, application, input index, operation index)). */
function computePlaceHash(crypto: Crypto, tag: Uint8Array, place: OperationPlace): Uint8Array {
  const { chainId, app, inputIndex, operationIndex } = place;
  return hashWords(crypto, [tag, chainId, app, inputIndex, operationIndex]);
}

/** The first 16 bytes of the opening's place hash. */
export function computeEscrowId(crypto: Crypto, place: OperationPlace): Uint8Array {
  return computePlaceHash(crypto, ID_TAG, place).slice(0, ESCROW_ID_BYTES);
}

/** The Escrow Completion Token: 32 bytes. */
export function computeEct(crypto: Crypto, place: OperationPlace): Uint8Array {
  return computePlaceHash(crypto, ECT_TAG, place);
}

/** `standard:0x…` or `intent:0x…` with 32 hexadecimal digits. */
export function formatEscrowId(kind: EscrowKind, escrowId: Uint8Array): string {
  return `${kind}:0x${bytesToHex(escrowId)}`;
}

/** `token-did:empic:` with 64 hexadecimal digits. */
export function formatEct(ect: Uint8Array): string {
  return `token-did:empic:${bytesToHex(ect)}`;
}

/** Where an operation stands in the history: later ones have larger positions. */
export function computePosition(inputIndex: number, operationIndex: number): number {
  return inputIndex * OPERATIONS_A_POSITION + operationIndex;
}
