import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { PAYLOAD_BYTES_MAX } from "../../spec/limits.ts";
import type { Operation } from "../../spec/operations.ts";

/**
 * Cuts a row of operations into inputs: at most `countMax` each, and within the payload's bound.
 * Takes no more of them than the inputs it is asked for need.
 *
 * @param operationOf What of an item goes into the input.
 * @throws RangeError when an operation alone is larger than an input.
 * @example
 * for (const operations of groupOperations(setup, 32, (operation) => operation)) send(operations);
 */
export function* groupOperations<Item>(
  items: Iterable<Item>,
  countMax: number,
  operationOf: (item: Item) => Operation,
): Generator<readonly Item[]> {
  let pending: Item[] = [];
  let byteCount = 0;
  for (const item of items) {
    // A payload of two or more is never larger than the payloads of each alone together.
    const size = encodePlainEnvelope([operationOf(item)]).length;
    if (pending.length > 0 && byteCount + size > PAYLOAD_BYTES_MAX) {
      yield pending;
      pending = [];
      byteCount = 0;
    }
    pending.push(item);
    byteCount += size;
    // At once: whoever wants no more inputs has no more made.
    if (pending.length < countMax) continue;
    yield pending;
    pending = [];
    byteCount = 0;
  }
  if (pending.length > 0) yield pending;
}
