import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { writeWord } from "./words.ts";

/**
 * EIP-712 for structs of 32-byte members, hashed straight from words: payments and receipts come by
 * the hundred, and viem's general encoder costs more than the signature's recovery is worth. The
 * vectors hold both to the same digests.
 */

type Keccak256 = Pick<Crypto, "keccak256">;

/** A member: an integer or bytes that are padded in front (addresses) to a word. */
export type TypedWord = bigint | number | Uint8Array;

const hashText = (text: string): Uint8Array => keccak_256(utf8ToBytes(text));

const DOMAIN_TYPE = hashText(
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
);
const DOMAIN_NAME = hashText("tallyroll");
const DOMAIN_VERSION = hashText("2");

/** The hash of a struct's definition, once a struct. */
export function computeTypeHash(definition: string): Uint8Array {
  return hashText(definition);
}

/** keccak256 of the words one after the other. Bytes are right-aligned, as addresses are. */
export function hashWords(crypto: Keccak256, words: readonly TypedWord[]): Uint8Array {
  const data = new Uint8Array(32 * words.length);
  words.forEach((word, i) => {
    if (word instanceof Uint8Array) data.set(word, 32 * (i + 1) - word.length);
    else writeWord(data, 32 * i, BigInt(word));
  });
  return crypto.keccak256(data);
}

/** What makes a signature count on one application of one chain only. */
export function computeDomainSeparator(
  crypto: Keccak256,
  at: { readonly chainId: bigint; readonly app: Uint8Array },
): Uint8Array {
  return hashWords(crypto, [DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, at.chainId, at.app]);
}

/**
 * The 32 bytes that an account signs: keccak256(0x1901 ‖ domain separator ‖ struct hash).
 *
 * @param words The members in order, each a word; dynamic ones as their hashes.
 */
export function computeTypedDigest(
  crypto: Keccak256,
  domainSeparator: Uint8Array,
  typeHash: Uint8Array,
  words: readonly TypedWord[],
): Uint8Array {
  return computeSigningDigest(crypto, domainSeparator, hashWords(crypto, [typeHash, ...words]));
}

/** The same of any struct, by its hash. */
export function computeSigningDigest(
  crypto: Keccak256,
  domainSeparator: Uint8Array,
  structHash: Uint8Array,
): Uint8Array {
  const message = new Uint8Array(66);
  message[0] = 0x19;
  message[1] = 0x01;
  message.set(domainSeparator, 2);
  message.set(structHash, 34);
  return crypto.keccak256(message);
}
