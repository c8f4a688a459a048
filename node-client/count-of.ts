/**
 * A count with its noun.
 *
 * @example
 * countOf(1, "batch", "batches"); // "1 batch"
 * countOf(2, "reading"); // "2 readings"
 */
export const countOf = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
