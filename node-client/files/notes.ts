/** What whoever signs has to know of a file, and the cells of a pass that it is about. */

/** Something that the reader did or left out. */
export interface Note {
  /** What kind of thing, for programs: `null_words`, `scale_rounded`, … */
  readonly kind: string;
  /** One sentence for people. */
  readonly text: string;
  /** Cells, rows or lines that it is about. */
  readonly count?: number | undefined;
  readonly column?: string | undefined;
  readonly example?: string | undefined;
  readonly line?: number | undefined;
}

export interface CellPlace {
  readonly cell: string;
  readonly line: number;
}

/** Cells of one kind: how many, and the first. */
export interface CellCount extends CellPlace {
  count: number;
}

export class CellCounts<Kind> extends Map<Kind, CellCount> {
  add(kind: Kind, cell: string, line: number): void {
    const known = this.get(kind);
    if (known === undefined) this.set(kind, { count: 1, cell, line });
    else known.count += 1;
  }
}

export const noteCells = (
  kind: string,
  text: string,
  { count, cell: example, line }: Partial<CellCount>,
  column?: string,
): Note => ({ kind, column, text, count, example, line });

/** Notes of one kind and column as one, so that a thousand entities do not give a thousand lines. */
export function mergeNotes(notes: readonly Note[]): Note[] {
  const merged = new Map<string, Note>();
  for (const note of notes) {
    const key = JSON.stringify([note.kind, note.column, note.kind === "null_word" && note.example]);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined ? note : { ...known, count: (known.count ?? 1) + (note.count ?? 1) },
    );
  }
  return [...merged.values()];
}
