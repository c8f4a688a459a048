/**
 * Merkle trees over SHA-256 in WebAssembly (spec §7): a tree of 128 readings is 382 compressions of
 * 64 bytes, where OpenSSL's cost of one call is several times that of the hashing. The leaves go in
 * with one copy, and one call hashes all of them, or one level of nodes.
 */

import { BLOCK, FREE, LAST_SCHEDULES, SCHEDULE_BYTES, sha256Module } from "./sha256-module.ts";

const PAGE_BYTES = 65_536;
/** Leaves are copied in by chunks of this size, so that megabytes of them need no more memory. */
const CHUNK_BYTES = 65_536;
/** Loading a leaf's last block reads past its end, by less than a block. */
const SLACK_BYTES = 64;
/** Enough for 4,096 leaves without growing. */
const PAGES = Math.ceil((FREE + 4_096 * 36 + CHUNK_BYTES + 1_024) / PAGE_BYTES);

/** No library of types that we compile under knows WebAssembly; this is what we use of it. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  schedule(to: number): void;
  hashLeaves(pointers: number, pointersEnd: number, to: number): void;
  hashNodes(from: number, end: number, to: number): void;
}
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Exports };
};

/**
 * Compiles the module and returns a function with the shape of `Crypto.merkleRoot`, for offsets
 * that have been checked. It keeps its memory, growing only for a leaf that fits no chunk.
 *
 * @example
 * const merkleRoot = createMerkleRoot();
 * merkleRoot(bytes, Uint32Array.of(0, 40, 80)); // SHA-256(01 ‖ leaf hash ‖ leaf hash)
 */
export function createMerkleRoot(): (leaves: Uint8Array, offsets: Uint32Array) => Uint8Array {
  const module = new WebAssembly.Module(sha256Module(PAGES));
  const wasm = new WebAssembly.Instance(module).exports;
  let bytes = new Uint8Array(wasm.memory.buffer);
  // WebAssembly's memory is little-endian, as every platform of Node is that has it.
  let words = new Uint32Array(wasm.memory.buffer);

  // The last block of a node: the last byte of its message, the padding bit, a length of 520 bits.
  words.fill(0, BLOCK / 4, BLOCK / 4 + 16);
  words[BLOCK / 4 + 15] = 520;
  for (let byte = 0; byte < 256; byte++) {
    words[BLOCK / 4] = (byte << 24) | 0x00800000;
    wasm.schedule(LAST_SCHEDULES + SCHEDULE_BYTES * byte);
  }

  function reserve(bytesNeeded: number): void {
    if (bytes.length >= bytesNeeded) return;
    wasm.memory.grow(Math.ceil((bytesNeeded - bytes.length) / PAGE_BYTES));
    bytes = new Uint8Array(wasm.memory.buffer);
    words = new Uint32Array(wasm.memory.buffer);
  }

  return (leaves, offsets) => {
    const count = offsets.length - 1;
    const hashes = FREE;
    const pointers = hashes + 32 * count;
    // The four bytes between leave one before the first leaf, which takes its prefix.
    const data = pointers + 4 * (count + 1) + 4;

    for (let first = 0; first < count; ) {
      const start = offsets[first]!;
      let next = first + 1;
      while (next < count && offsets[next + 1]! - start <= CHUNK_BYTES) next++;
      const chunk = leaves.subarray(start, offsets[next]!);
      reserve(data + chunk.length + SLACK_BYTES);
      bytes.set(chunk, data);
      for (let i = first; i <= next; i++) {
        words[pointers / 4 + i - first] = data + offsets[i]! - start;
      }
      wasm.hashLeaves(pointers, pointers + 4 * (next - first), hashes + 32 * first);
      first = next;
    }

    // Pairing neighbours and lifting an odd last hash gives RFC 9162's split at a power of two.
    for (let width = count; width > 1; width = (width + 1) >>> 1) {
      const paired = 32 * (width & ~1);
      wasm.hashNodes(hashes, hashes + paired, hashes);
      if (width % 2 === 1) {
        bytes.copyWithin(hashes + paired / 2, hashes + paired, hashes + paired + 32);
      }
    }

    const root = new Uint8Array(32);
    for (let i = 0; i < 32; i++) root[i] = words[hashes / 4 + (i >>> 2)]! >>> (24 - 8 * (i % 4));
    return root;
  };
}
