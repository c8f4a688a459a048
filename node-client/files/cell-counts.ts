/** Cells of a pass by what they are, for whoever reports them. */

/** A cell, and the line that it is on. */
export interface CellPlace {
  readonly cell: string;
  readonly line: number;
}

/** Cells of one kind: how many, and the first. */
export interface CellCount extends CellPlace {
  count: number;
}

/** Cells by kind. */
export class CellCounts<Kind> extends Map<Kind, CellCount> {
  add(kind: Kind, cell: string, line: number): void {
    const known = this.get(kind);
    if (known === undefined) this.set(kind, { count: 1, cell, line });
    else known.count += 1;
  }
}
