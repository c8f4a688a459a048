import { computeSpread, type Spread } from "./spread.ts";

/** The figures of a benchmark as they come in, run by run. */
export class Series {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  toSpreads(): Record<string, Spread> {
    return Object.fromEntries(
      [...this.#values].map(([name, values]) => [name, computeSpread(values)]),
    );
  }
}
