/** The whole understanding of a file, for people and programs: what would be signed, and what not. */
import type { Note, TableFacts } from "./data-table.ts";

/** A metric as it would be declared. */
export interface UnderstoodColumn {
  readonly name: string;
  /** The column's name in the file. */
  readonly header: string;
  readonly kind: "integer" | "text";
  /** SenML or UCUM; "" for none. */
  readonly unit: string;
  readonly scale: number;
  /** Cells without a value. */
  readonly nulls: number;
  /** Cells that lose digits to the scale. */
  readonly rounded: number;
  /** In long form: the devices that have it so, the first of them by name. */
  readonly devices?: { readonly count: number; readonly first: string } | undefined;
}

/** A column that makes no metric. */
export interface LeftOutColumn {
  readonly header: string;
  readonly reason: "empty" | "repeats_time" | "not_picked" | "gives_unit";
}

export interface FileUnderstanding extends TableFacts {
  readonly file: string;
  readonly decimal: "." | ",";
  readonly readings: number;
  readonly devices: {
    readonly count: number;
    /** `undefined` where an option names the one device. */
    readonly column: string | undefined;
    /** The first of them. */
    readonly names: readonly string[];
  };
  readonly time: {
    readonly columns: readonly string[];
    /** Of clock times; "UTC" where nothing else was said. */
    readonly zone: string;
    /** How they are written, by name and number of cells. */
    readonly forms: readonly string[];
    /** Unix seconds of the earliest and the latest. */
    readonly firstSec: number;
    readonly lastSec: number;
  };
  readonly columns: readonly UnderstoodColumn[];
  readonly leftOut: readonly LeftOutColumn[];
  readonly notes: readonly Note[];
}

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
