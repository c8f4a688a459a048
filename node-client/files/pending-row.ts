import type { RowSink } from "./split-rows.ts";

/**
 * Joins single values that follow each other at one time of one device to one row, as SenML packs
 * and tables of fields have them. Columns are the device, the time, and one a name.
 */
export class PendingRow {
  readonly #header: string[];
  readonly #indexOf = new Map<string, number>();
  readonly #sink: RowSink;
  #cells: string[] | undefined;
  #line = 0;

  /** @param header Begins with the columns of device and time; grows by the names that come. */
  constructor(header: string[], sink: RowSink) {
    this.#header = header;
    this.#sink = sink;
    for (const [index, name] of header.entries()) if (index > 1) this.#indexOf.set(name, index);
  }

  add(device: string, time: string, name: string, value: string, line: number): void {
    let index = this.#indexOf.get(name);
    if (index === undefined) {
      index = this.#header.push(name) - 1;
      this.#indexOf.set(name, index);
    }
    const cells = this.#cells;
    const isSame = cells !== undefined && cells[0] === device && cells[1] === time;
    if (isSame && (cells[index] ?? "") === "") {
      cells[index] = value;
      return;
    }
    this.end();
    this.#cells = Array.from(this.#header, () => "");
    this.#cells[0] = device;
    this.#cells[1] = time;
    this.#cells[index] = value;
    this.#line = line;
  }

  /** Gives the row that is under way. */
  end(): void {
    const cells = this.#cells;
    if (cells === undefined) return;
    for (let i = 0; i < cells.length; i++) cells[i] ??= "";
    this.#sink(cells, this.#line);
    this.#cells = undefined;
  }
}
