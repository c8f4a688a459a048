/**
 * A bounded memory for what is computed from a key alone, such as OpenSSL's form of it. It holds
 * nothing that could change what is valid: with or without it, every answer is the same.
 */

/**
 * `compute` with its last `entriesMax` results kept. The oldest goes first, which needs no
 * bookkeeping on a hit.
 *
 * @example
 * const keyOf = cacheByKey(4_096, (publicKey) => importKey(publicKey));
 */
export function cacheByKey<T>(
  entriesMax: number,
  compute: (key: Uint8Array) => T,
): (key: Uint8Array) => T {
  const entries = new Map<string, { readonly value: T }>();
  return (key) => {
    // Latin-1 maps bytes to characters one to one, and is the cheapest text of them.
    const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
    const known = entries.get(name);
    if (known !== undefined) return known.value;
    const value = compute(key);
    if (entries.size >= entriesMax) entries.delete(entries.keys().next().value!);
    entries.set(name, { value });
    return value;
  };
}
