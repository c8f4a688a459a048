/**
 * SHA-256 as a WebAssembly module for Merkle trees: emits the code that `sha256-wasm.ts` runs.
 *
 * Two things keep it fast. A hash stays eight native words until it is the root: a node's message
 * is its children shifted by the prefix byte, so no byte order is swapped. And the second block of
 * a node holds one byte of data and fixed padding, so its message schedule is one of 256, computed
 * once at load.
 *
 * Sources: FIPS 180-4 §4.1.2, §5.1.1, §6.2.2; RFC 9162 §2.1.1.
 */

import type { Code, WasmFunction } from "./wasm-assembler.ts";
import {
  add,
  and,
  assemble,
  call,
  constant,
  get,
  ifThen,
  isLess,
  join,
  load,
  or,
  rotateRight,
  set,
  shiftLeft,
  shiftRight,
  store,
  storeByte,
  subtract,
  whileLoop,
  xor,
} from "./wasm-assembler.ts";

// The memory: one block of 16 native words, its schedule (64 words, round constants added), the
// state (8 words), the schedules of the 256 last blocks of a node; then what a call needs.
export const BLOCK = 0;
const SCHEDULE = 64;
const STATE = 320;
export const LAST_SCHEDULES = 1_024;
export const SCHEDULE_BYTES = 256;
export const FREE = LAST_SCHEDULES + 256 * SCHEDULE_BYTES;

/**
 * The first 32 bits after the point of a root of each of the first `count` primes; `isAtMost` says
 * whether a value, in units of 2^-32, does not exceed the root of n.
 */
function fractionsOfPrimes(count: number, isAtMost: (value: bigint, n: bigint) => boolean) {
  const fractions: number[] = [];
  for (let n = 2n; fractions.length < count; n++) {
    let isPrime = true;
    for (let divisor = 2n; divisor * divisor <= n; divisor++) isPrime &&= n % divisor !== 0n;
    if (!isPrime) continue;
    let value = 0n;
    for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if (isAtMost(value | bit, n)) value |= bit;
    fractions.push(Number(value & 0xffffffffn));
  }
  return fractions;
}
const INITIAL_STATE = fractionsOfPrimes(8, (value, n) => value ** 2n <= n << 64n);
const ROUND_CONSTANTS = fractionsOfPrimes(64, (value, n) => value ** 3n <= n << 96n);

const zero = constant(0);
const each = (count: number, code: (i: number) => Code): Code =>
  join(...[...Array(count).keys()].map(code));

/** Σ and σ: two rotations and a third rotation or a shift. */
const sigma = (x: Code, first: number, second: number, third: Code): Code =>
  xor(xor(rotateRight(x, constant(first)), rotateRight(x, constant(second))), third);

/** schedule(to): expands `BLOCK` into 64 words, with the round constants added. */
function schedule(): WasmFunction {
  const to = get(0);
  const word = (t: number) => 1 + (t % 16);
  const expanded = (t: number): Code => {
    const [near, far] = [get(word(t + 1)), get(word(t + 14))];
    const sigma0 = sigma(near, 7, 18, shiftRight(near, constant(3)));
    const sigma1 = sigma(far, 17, 19, shiftRight(far, constant(10)));
    return add(add(get(word(t)), get(word(t + 9))), add(sigma0, sigma1));
  };
  const code = each(64, (t) =>
    join(
      set(word(t), t < 16 ? load(zero, BLOCK + 4 * t) : expanded(t)),
      store(to, add(get(word(t)), constant(ROUND_CONSTANTS[t]!)), 4 * t),
    ),
  );
  return { name: "schedule", parameters: 1, locals: 17, code };
}

/** rounds(from): the 64 rounds on `STATE` under the schedule at `from`. */
function rounds(): WasmFunction {
  const from = get(0);
  // Locals 1 to 8 are a to h; instead of moving them, every round renames them.
  const letter = (index: number, t: number) => 1 + ((index - t + 64) % 8);
  const round = (t: number): Code => {
    const name = (index: number) => letter(index, t);
    const [a, b, e, f, g] = [0, 1, 4, 5, 6].map((index) => get(name(index))) as [Code, ...Code[]];
    const [d, h] = [name(3), name(7)];
    const choice = xor(g!, and(e!, xor(f!, g!)));
    const sum1 = sigma(e!, 6, 11, rotateRight(e!, constant(25)));
    const sum0 = sigma(a, 2, 13, rotateRight(a, constant(22)));
    // maj(a, b, c) = ((a ^ b) & (b ^ c)) ^ b, and this round's a ^ b is the next one's b ^ c.
    const [ab, bc] = t % 2 === 0 ? [9, 10] : [10, 9];
    return join(
      set(h, add(add(add(get(h), load(from, 4 * t)), choice), sum1)),
      set(d, add(get(d), get(h))),
      set(ab, xor(a, b!)),
      set(h, add(get(h), add(sum0, xor(and(get(ab), get(bc)), b!)))),
    );
  };
  const code = join(
    each(8, (i) => set(1 + i, load(zero, STATE + 4 * i))),
    set(10, xor(get(2), get(3))),
    each(64, round),
    each(8, (i) => store(zero, add(load(zero, STATE + 4 * i), get(1 + i)), STATE + 4 * i)),
  );
  return { name: "rounds", parameters: 1, locals: 11, code };
}

/** loadBlock(from): reads 64 bytes as big-endian words into `BLOCK`. */
function loadBlock(): WasmFunction {
  const [from, word] = [0, 1];
  const swapped = or(
    and(rotateRight(get(word), constant(8)), constant(0xff00ff00)),
    and(rotateRight(get(word), constant(24)), constant(0x00ff00ff)),
  );
  const code = each(16, (i) =>
    join(set(word, load(get(from), 4 * i)), store(zero, swapped, BLOCK + 4 * i)),
  );
  return { name: "loadBlock", parameters: 1, locals: 2, code };
}

// Calls go by position in the module, which `sha256Module` keeps.
const [SCHEDULE_INDEX, ROUNDS_INDEX, LOAD_BLOCK_INDEX] = [0, 1, 2];

const resetState = each(8, (i) => store(zero, constant(INITIAL_STATE[i]!), STATE + 4 * i));
const compressBlock = join(
  call(SCHEDULE_INDEX, constant(SCHEDULE)),
  call(ROUNDS_INDEX, constant(SCHEDULE)),
);
const saveState = (to: number): Code =>
  each(8, (i) => store(get(to), load(zero, STATE + 4 * i), 4 * i));
const advance = (local: number, bytes: number): Code =>
  set(local, add(get(local), constant(bytes)));

/**
 * hashLeaves(pointers, pointersEnd, to): hashes 0x00 ‖ leaf for each leaf, whose addresses stand
 * from `pointers`, with the end of the last one at `pointersEnd`, into 8 words each from `to`.
 */
function hashLeaves(): WasmFunction {
  const [pointers, pointersEnd, to, at, end, bytes, address] = [0, 1, 2, 3, 4, 5, 6];
  const left = subtract(get(end), get(at));
  // How much of the word that takes the padding bit belongs to the message: 0, 8, 16 or 24 bits.
  const bitsKept = shiftLeft(and(left, constant(3)), constant(3));
  const kept = xor(shiftRight(constant(-1), bitsKept), constant(-1));
  const paddingBit = shiftRight(constant(0x80000000), bitsKept);
  const zeroUpTo = (limit: number): Code =>
    whileLoop(
      isLess(get(address), constant(limit)),
      join(store(get(address), zero), advance(address, 4)),
    );
  const leaf = join(
    set(at, subtract(load(get(pointers)), constant(1))),
    set(end, load(get(pointers), 4)),
    set(bytes, left),
    // The prefix overwrites the last byte of the leaf before, which has been hashed.
    storeByte(get(at), zero),
    resetState,
    whileLoop(
      isLess(constant(63), left),
      join(call(LOAD_BLOCK_INDEX, get(at)), compressBlock, advance(at, 64)),
    ),
    // The last bytes come with whatever follows them; padding takes its place.
    call(LOAD_BLOCK_INDEX, get(at)),
    set(address, add(and(left, constant(-4)), constant(BLOCK))),
    store(get(address), or(and(load(get(address)), kept), paddingBit)),
    advance(address, 4),
    ifThen(
      isLess(constant(55), left),
      join(zeroUpTo(BLOCK + 64), compressBlock, set(address, constant(BLOCK))),
    ),
    zeroUpTo(BLOCK + 56),
    store(zero, shiftRight(get(bytes), constant(29)), BLOCK + 56),
    store(zero, shiftLeft(get(bytes), constant(3)), BLOCK + 60),
    compressBlock,
    saveState(to),
    advance(to, 32),
    advance(pointers, 4),
  );
  const code = whileLoop(isLess(get(pointers), get(pointersEnd)), leaf);
  return { name: "hashLeaves", parameters: 3, locals: 7, code };
}

/** hashNodes(from, end, to): hashes 0x01 ‖ left ‖ right for each pair of hashes; `to` ≤ `from`. */
function hashNodes(): WasmFunction {
  const [from, end, to] = [0, 1, 2];
  const child = (i: number) => load(get(from), 4 * i);
  const shifted = (i: number) =>
    or(
      i === 0 ? constant(0x01000000) : shiftLeft(child(i - 1), constant(24)),
      shiftRight(child(i), constant(8)),
    );
  // Times 256, the bytes of a schedule.
  const lastOffset = shiftLeft(and(child(15), constant(0xff)), constant(8));
  const pair = join(
    each(16, (i) => store(zero, shifted(i), BLOCK + 4 * i)),
    resetState,
    compressBlock,
    call(ROUNDS_INDEX, add(lastOffset, constant(LAST_SCHEDULES))),
    saveState(to),
    advance(to, 32),
    advance(from, 64),
  );
  const code = whileLoop(isLess(get(from), get(end)), pair);
  return { name: "hashNodes", parameters: 3, locals: 3, code };
}

/** The module's bytes, with `pages` of 64 kB of memory at first. */
export function sha256Module(pages: number): Uint8Array {
  return assemble([schedule(), rounds(), loadBlock(), hashLeaves(), hashNodes()], pages);
}
