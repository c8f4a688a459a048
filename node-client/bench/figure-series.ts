import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import { computeSpread, type Spread } from "./spread.ts";

/** What every measurement works with. */
export interface BenchContext {
  /** The folder of the built files. */
  readonly dist: string;
  readonly crypto: Crypto;
  readonly stations: readonly DeviceReadings[];
  /** Less of everything: to see that it works. */
  readonly quick: boolean;
  /** How often a figure is taken. */
  readonly runs: number;
  readonly series: Series;
  readonly progress: (text: string) => void;
}

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
