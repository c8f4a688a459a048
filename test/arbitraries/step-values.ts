/** The rows' contents in the store's tests: each follows from a small number. */

export const hex = (...parts: Uint8Array[]): string =>
  parts.map((part) => Buffer.from(part).toString("hex")).join("/");
/** `size` bytes that `n` determines. */
export const bytes = (size: number, n: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (n * 37 + i * (n + 1)) & 255);
export const account = (n: number): Uint8Array => bytes(20, n % 4);
export const amount = (n: number): bigint => (BigInt(n) << 200n) + BigInt(n % 3);
export const pick = <T>(values: Iterable<T>, n: number): T | undefined => {
  const list = [...values];
  return list[n % Math.max(1, list.length)];
};
/** Big identifiers leave 31 bits, where sql.js binds a REAL. */
export const idAfter = (next: number, n: number): number => (n % 5 === 0 ? next + 2 ** 33 : next);
/** A page of rows upwards from the one behind `after`. */
export const pageOf = <By>(by: By, after: number | string | Uint8Array, limit: number) => ({
  by,
  from: { after },
  limit,
});
