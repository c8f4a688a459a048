/**
 * As much of a WebAssembly assembler as a hash function needs: 32-bit integers, one memory, calls
 * and loops. Code is a list of bytes in WebAssembly's stack order, so an expression is the code of
 * its operands followed by its opcode. No binary is committed, and what runs can be read here.
 *
 * Only the WebAssembly 1.0 instructions of 2017: the machine's riscv64 Node has no SIMD.
 *
 * Source: WebAssembly Core Specification 1.0, §5 (binary format).
 */

/** Instructions, in the binary format. */
export type Code = readonly number[];

/** A function: `locals` counts the parameters too, all are i32, and nothing is returned. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly locals: number;
  readonly code: Code;
}

/** One piece of code after the other. `concat`, as spreading and `flat` take ten times as long. */
export const join = (...parts: Code[]): Code => ([] as number[]).concat(...parts);

/** `i32.const`: any 32-bit pattern, given signed or unsigned. */
export const constant = (value: number): Code => [0x41, ...signedLeb(value | 0)];
export const get = (local: number): Code => [0x20, ...unsignedLeb(local)];
export const set = (local: number, value: Code): Code => join(value, [0x21], unsignedLeb(local));

/** `i32.load` from an address of any alignment, plus a fixed offset. */
export const load = (address: Code, offset = 0): Code =>
  join(address, [0x28, 0], unsignedLeb(offset));
/** `i32.store` to an address of any alignment, plus a fixed offset. */
export const store = (address: Code, value: Code, offset = 0): Code =>
  join(address, value, [0x36, 0], unsignedLeb(offset));
export const storeByte = (address: Code, value: Code): Code => join(address, value, [0x3a, 0, 0]);

const binary =
  (opcode: number) =>
  (left: Code, right: Code): Code =>
    join(left, right, [opcode]);
export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const and = binary(0x71);
export const or = binary(0x72);
export const xor = binary(0x73);
export const shiftLeft = binary(0x74);
/** Logical shift: zeros come in from the left. */
export const shiftRight = binary(0x76);
export const rotateRight = binary(0x78);
/** Unsigned comparison. */
export const isLess = binary(0x49);

/** Runs `body` as long as `condition` holds, which is asked before every round. */
export const whileLoop = (condition: Code, body: Code): Code =>
  // block, loop; `br_if 1` leaves when the condition is zero, `br 0` goes round.
  join([0x02, 0x40, 0x03, 0x40], condition, [0x45, 0x0d, 1], body, [0x0c, 0, 0x0b, 0x0b]);
export const ifThen = (condition: Code, body: Code): Code =>
  join(condition, [0x04, 0x40], body, [0x0b]);
/** Calls the function at `index` in the list given to `assemble`. */
export const call = (index: number, ...parameters: Code[]): Code =>
  join(...parameters, [0x10], unsignedLeb(index));

/**
 * The bytes of a module that exports its memory (`memory`, `pages` of 64 kB at first) and every
 * function under its name.
 *
 * @example
 * const bytes = assemble([{ name: "clear", parameters: 1, locals: 1,
 *   code: store(get(0), constant(0)) }], 1);
 * new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.clear(64);
 */
export function assemble(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const types = functions.map((f) => join([0x60], vector(Array(f.parameters).fill([0x7f])), [0]));
  const indices = functions.map((_, index) => unsignedLeb(index));
  const exported = functions.map((f, index) => join(name(f.name), [0], unsignedLeb(index)));
  const bodies = functions.map((f) => {
    const own = f.locals - f.parameters;
    const locals = vector(own === 0 ? [] : [join(unsignedLeb(own), [0x7f])]);
    const body = join(locals, f.code, [0x0b]);
    return join(unsignedLeb(body.length), body);
  });
  return new Uint8Array(
    join(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
      section(1, vector(types)),
      section(3, vector(indices)),
      section(5, vector([join([0], unsignedLeb(pages))])),
      section(7, vector([join(name("memory"), [2, 0]), ...exported])),
      section(10, vector(bodies)),
    ),
  );
}

const section = (id: number, content: Code): Code =>
  join([id], unsignedLeb(content.length), content);
const vector = (items: readonly Code[]): Code => join(unsignedLeb(items.length), ...items);
const name = (text: string): Code => vector([...text].map((letter) => [letter.charCodeAt(0)]));

function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  // One byte holds −64 to 63: its bit 6 is the sign.
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest & 0x7f);
  return bytes;
}
