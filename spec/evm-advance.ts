import { hexToBytes } from "@noble/hashes/utils.js";
import type { InputContext } from "./input.ts";
import { equalBytes, readBigEndian, writeUint, writeWord } from "./words.ts";

const SELECTOR = hexToBytes("415bf363");
const HEAD_WORDS = 8;
/** Selector, seven static words, the payload's offset and its length. */
const HEAD_BYTES = 4 + 32 * (HEAD_WORDS + 1);

/**
 * The blob the InputBox stores and whose keccak256 is the input hash: the ABI call
 * `EvmAdvance(uint256 chainId, address appContract, address msgSender, uint256 blockNumber,
 * uint256 blockTimestamp, uint256 prevRandao, uint256 index, bytes payload)` (rollups-contracts
 * 2.2.0, `Inputs`).
 */
export function encodeEvmAdvance(at: InputContext, payload: Uint8Array): Uint8Array {
  const padded = Math.ceil(payload.length / 32) * 32;
  const bytes = new Uint8Array(HEAD_BYTES + padded);
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
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** An input taken apart: what the chain says about it, and what its sender gave. */
export interface DecodedInput {
  readonly at: InputContext;
  readonly payload: Uint8Array;
}

/**
 * The strict inverse of `encodeEvmAdvance`: what comes out encodes to the same bytes again.
 * `undefined` for anything else. The payload and addresses are views into `blob`.
 */
export function decodeEvmAdvance(blob: Uint8Array): DecodedInput | undefined {
  if (blob.length < HEAD_BYTES) return undefined;
  // The upper three quarters of a counter's word are zero, or the comparison below fails.
  const counter = (index: number): number => Number(readBigEndian(bytesOf(index, 24)));
  const bytesOf = (index: number, from: number): Uint8Array =>
    blob.subarray(4 + 32 * index + from, 36 + 32 * index);
  const at: InputContext = {
    chainId: readBigEndian(bytesOf(0, 0)),
    app: bytesOf(1, 12),
    sender: bytesOf(2, 12),
    blockNumber: counter(3),
    timestampSec: counter(4),
    prevRandao: bytesOf(5, 0),
    inputIndex: counter(6),
  };
  const payloadBytes = counter(8);
  const counters = [at.blockNumber, at.timestampSec, at.inputIndex, payloadBytes];
  const isPlausible = counters.every(Number.isSafeInteger);
  if (!isPlausible || payloadBytes > blob.length - HEAD_BYTES) return undefined;
  const payload = blob.subarray(HEAD_BYTES, HEAD_BYTES + payloadBytes);
  // Selector, offset, paddings and length in one comparison.
  return equalBytes(encodeEvmAdvance(at, payload), blob) ? { at, payload } : undefined;
}
