/**
 * Seeds and run counts of the generated tests. A test names its seed; the seed is printed once, so
 * that a failure can be walked again: `TALLYROLL_SEED=… npx vitest run test/properties/…`.
 */

const printed = new Map<string, number>();

/**
 * The number of generated cases to run: `long` when `TALLYROLL_LONG=1`, else a tenth of it (at
 * least one).
 *
 * @example
 * fc.assert(property, { seed: seed("codec"), numRuns: runs(2_000) });
 */
export const runs = (long: number): number =>
  process.env.TALLYROLL_LONG === "1" ? long : Math.max(1, Math.ceil(long / 10));

/**
 * The seed of one test file or property, a signed 32-bit integer as fast-check takes it: from
 * `TALLYROLL_SEED` if it is set, else from the clock. Printed the first time a name asks for it,
 * and the same for that name ever after.
 *
 * @throws RangeError when `TALLYROLL_SEED` is not an integer.
 */
export function seed(name: string): number {
  const known = printed.get(name);
  if (known !== undefined) return known;
  const given = process.env.TALLYROLL_SEED;
  const wide = given === undefined || given === "" ? Date.now() : Number(given);
  if (!Number.isSafeInteger(wide)) throw new RangeError(`TALLYROLL_SEED is no integer: ${given}`);
  const value = wide | 0;
  printed.set(name, value);
  // Written past the test runner, which would fold the line away when the test passes.
  process.stdout.write(`seed of ${name}: ${value} (repeat with TALLYROLL_SEED=${value})\n`);
  return value;
}
