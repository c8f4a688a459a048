import type { Metric } from "../../../spec/readings.ts";
import { formatCsvLine, type ReadingInWords } from "../terminal/format-csv.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Readings as they come: CSV with a header, or with `--json` one object a line (NDJSON), a value by
 * its metric's name. What a reader may not see is left out, never shown as if it were empty.
 */
export class ReadingPrinter {
  readonly #terminal: Terminal;
  readonly #metrics: readonly Metric[];
  readonly #isVisible: (metric: Metric) => boolean;
  readonly #isJson: boolean;
  #count = 0;
  #isBegun = false;

  constructor(
    terminal: Terminal,
    metrics: readonly Metric[],
    options: { readonly json: boolean; readonly isVisible?: (metric: Metric) => boolean },
  ) {
    this.#terminal = terminal;
    this.#metrics = metrics;
    this.#isJson = options.json;
    this.#isVisible = options.isVisible ?? (() => true);
  }

  /** How many were printed. */
  get count(): number {
    return this.#count;
  }

  async print({ sequence, timeSec, values }: ReadingInWords): Promise<void> {
    await this.begin();
    this.#count += 1;
    const seen = this.#metrics.flatMap((metric, m) =>
      this.#isVisible(metric) ? [[metric.name, values[m] ?? null] as const] : [],
    );
    if (this.#isJson) {
      const object = { sequence, time: timeSec, values: new Map(seen) };
      await this.#terminal.print(formatJson(object));
      return;
    }
    const cells = seen.map(([, value]) => value ?? "");
    await this.#terminal.printData(formatCsvLine([String(sequence), String(timeSec), ...cells]));
  }

  /** The header, once; readings bring it along. */
  async begin(): Promise<void> {
    if (this.#isBegun || this.#isJson) return;
    this.#isBegun = true;
    const names = this.#metrics.filter(this.#isVisible).map(({ name }) => name);
    await this.#terminal.printData(formatCsvLine(["sequence", "timestamp", ...names]));
  }
}
