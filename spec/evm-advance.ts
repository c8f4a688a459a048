import { hexToBytes } from "@noble/hashes/utils.js";
import type { InputContext } from "./input.ts";
import { writeUint, writeWord } from "./words.ts";

const SELECTOR = hexToBytes("415bf363");
const HEAD_WORDS = 8;

/**
 * The blob the InputBox stores and whose keccak256 is the input hash: the ABI call
 * `EvmAdvance(uint256 chainId, address appContract, address msgSender, uint256 blockNumber,
 * uint256 blockTimestamp, uint256 prevRandao, uint256 index, bytes payload)` (rollups-contracts
 * 2.2.0, `Inputs`).
 */
export function encodeEvmAdvance(at: InputContext, payload: Uint8Array): Uint8Array {
  const padded = Math.ceil(payload.length / 32) * 32;
  const bytes = new Uint8Array(4 + 32 * (HEAD_WORDS + 1) + padded);
  bytes.set(SELECTOR);
  writeWord(bytes, 4, at.chainId);
  bytes.set(at.app, 4 + 32 + 12);
  bytes.set(at.sender, 4 + 64 + 12);
  writeUint(bytes, 4 + 96 + 24, 8, at.blockNumber);
  writeUint(bytes, 4 + 128 + 24, 8, at.timestampSec);
  bytes.set(at.prevRandao, 4 + 160);
  writeUint(bytes, 4 + 192 + 24, 8, at.inputIndex);
  writeUint(bytes, 4 + 224 + 24, 8, 32 * HEAD_WORDS);
  writeUint(bytes, 4 + 256 + 24, 8, payload.length);
  bytes.set(payload, 4 + 32 * (HEAD_WORDS + 1));
  return bytes;
}
