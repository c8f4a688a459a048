import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceReadings } from "../files/read-readings.ts";

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
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  toSpreads(): Record<string, Spread> {
    return Object.fromEntries(
      [...this.#values].map(([name, values]) => [name, computeSpread(values)]),
    );
  }
}

/** A figure over several runs: what is quoted is the median. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** The spread of some measurements, to four significant digits. Throws `RangeError` on none. */
function computeSpread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no measurement");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    median: round(median),
    min: round(sorted[0]!),
    max: round(sorted.at(-1)!),
    runs: sorted.length,
  };
}

export const computeMedian = (values: readonly number[]): number => computeSpread(values).median;

/** To four significant digits. */
export const round = (value: number): number => Number(value.toPrecision(4));

/** The most memory that a process ever held, in MB; NaN where the system has no /proc. */
export function readPeakRssMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}

/** The numbers that a built script prints, in a fresh process. */
export function runScript(dist: string, name: string, ...args: readonly string[]): number[] {
  const path = resolve(dist, "bench", name);
  const printed = execFileSync(process.execPath, [path, ...args], { encoding: "utf8" });
  return printed.split(" ").map(Number);
}
