import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { type Hex, hex, type Output } from "./outputs.ts";
import { SAFE_ERC20_TRANSFER } from "./portals.ts";
import { encodeWord, isZero } from "./words.ts";

const SELECTOR_SAFE_TRANSFER = "d1660f99"; // safeTransfer(address,address,uint256)
const SELECTOR_SAFE_TRANSFER_721 = "b88d4fde"; // safeTransferFrom(address,address,uint256,bytes)
const SELECTOR_SAFE_TRANSFER_FROM = "f242432a"; // (address,address,uint256,uint256,bytes)
const SELECTOR_SAFE_BATCH_TRANSFER_FROM = "2eb2c2d6"; // (address,address,uint256[],uint256[],bytes)

const word = (value: bigint): string => bytesToHex(encodeWord(value));
const addressWord = (address: Uint8Array): string => bytesToHex(address).padStart(64, "0");

/**
 * Pays `amount` out: Ether by a plain voucher; an ERC-20 by delegate call to SafeERC20Transfer,
 * which reverts where a token answers false, so that the voucher is not burnt (spec §5.4).
 */
export function encodeWithdrawal(token: Uint8Array, recipient: Uint8Array, amount: bigint): Output {
  if (isZero(token)) {
    return { kind: "voucher", destination: hex(recipient), value: amount, payload: "0x" };
  }
  const call = SELECTOR_SAFE_TRANSFER + addressWord(token) + addressWord(recipient) + word(amount);
  return {
    kind: "delegate_call_voucher",
    destination: SAFE_ERC20_TRANSFER,
    payload: `0x${call}`,
  };
}

/**
 * Sends an ERC-721 token back to who deposited it, by the very function that the portal called: a
 * contract whose fallback swallowed the deposit swallows the return, too. `transferFrom` is also
 * ERC-20's, and would let a made-up deposit of "token number n" of wrapped Ether take n wei out.
 */
export function encodeErc721Return(
  token: Uint8Array,
  app: Uint8Array,
  owner: Uint8Array,
  tokenId: bigint,
): Output {
  const data = word(128n) + word(0n);
  const call =
    SELECTOR_SAFE_TRANSFER_721 + addressWord(app) + addressWord(owner) + word(tokenId) + data;
  return { kind: "voucher", destination: hex(token), value: 0n, payload: `0x${call}` };
}

/** Sends ERC-1155 tokens of one id back. */
export function encodeErc1155Return(
  token: Uint8Array,
  app: Uint8Array,
  owner: Uint8Array,
  tokenId: bigint,
  amount: bigint,
): Output {
  const call = encodeAbiParameters(
    parseAbiParameters("address, address, uint256, uint256, bytes"),
    [hex(app), hex(owner), tokenId, amount, "0x"],
  );
  const payload: Hex = `0x${SELECTOR_SAFE_TRANSFER_FROM}${call.slice(2)}`;
  return { kind: "voucher", destination: hex(token), value: 0n, payload };
}

/** Sends ERC-1155 tokens of several ids back. */
export function encodeErc1155BatchReturn(
  token: Uint8Array,
  app: Uint8Array,
  owner: Uint8Array,
  tokenIds: readonly bigint[],
  amounts: readonly bigint[],
): Output {
  const call = encodeAbiParameters(
    parseAbiParameters("address, address, uint256[], uint256[], bytes"),
    [hex(app), hex(owner), tokenIds, amounts, "0x"],
  );
  const payload: Hex = `0x${SELECTOR_SAFE_BATCH_TRANSFER_FROM}${call.slice(2)}`;
  return { kind: "voucher", destination: hex(token), value: 0n, payload };
}
