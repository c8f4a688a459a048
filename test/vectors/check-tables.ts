import { readFileSync } from "node:fs";
import { OPERATION_KINDS, type OperationKind } from "../../spec/operations.ts";

/** One row of a table `check | refusal` of `spec/README.md`. */
export interface CheckRow {
  /** As vectors cite it: "§3.6". */
  readonly section: string;
  /** The operations that make the check; none where all of them do, or none has been read yet. */
  readonly kinds: readonly OperationKind[];
  readonly check: string;
  /** A refusal; or the sections whose tables stand in this place. */
  readonly refusal: string;
}

const HEAD = "| check | refusal |";

/** All rows in the order of the text, which is the order of the checks. */
export function readCheckRows(): CheckRow[] {
  const lines = readFileSync(new URL("../../spec/README.md", import.meta.url), "utf8").split("\n");
  return lines.flatMap((line, at) => {
    if (line !== HEAD) return [];
    const section = lines
      .slice(0, at)
      .filter((each) => each.startsWith("**§"))
      .at(-1);
    const number = /^\*\*(§[\d.]+)/.exec(section ?? "")?.[1];
    const end = lines.indexOf("", at);
    if (number === undefined || end === -1) throw new Error(`line ${at + 1}: no section or no end`);
    const kinds = findKinds(lines[at - 2] ?? "");
    return lines.slice(at + 2, end).map((row) => readRow(row, number, kinds));
  });
}

function readRow(row: string, section: string, kinds: readonly OperationKind[]): CheckRow {
  const [, check, refusal] = /^\| (.+) \| `?(.+?)`? \|$/.exec(row) ?? [];
  if (check === undefined || refusal === undefined) throw new Error(`no row of checks: ${row}`);
  const narrowed = findKinds(/^((`\w+`(, )?)+):/.exec(check)?.[1] ?? "");
  return { section, kinds: narrowed.length > 0 ? narrowed : kinds, check, refusal };
}

/** The operations that a text names. */
function findKinds(text: string): OperationKind[] {
  const words = [...text.matchAll(/`(\w+)`/g)].map(([, word]) => word);
  return OPERATION_KINDS.filter((kind) => words.includes(kind));
}

/** The row's own section, and those that it cites: there its vectors may be. */
export const listSections = ({ section, check }: CheckRow): string[] => [
  section,
  ...(check.match(/§\d+\.\d+/g) ?? []),
];
