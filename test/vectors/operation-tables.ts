import { CHANNEL_OPERATIONS } from "../../spec/channel-operations.ts";
import { CORE_OPERATIONS } from "../../spec/core-operations.ts";
import { ESCROW_OPERATIONS } from "../../spec/escrow-operations.ts";
import type { Field, FieldRange, Layout, Struct } from "../../spec/field-layout.ts";
import { SERVICE_OPERATIONS } from "../../spec/service-operations.ts";

/** The tables of operations in the protocol's text, from the declarations. */

interface Declared {
  readonly code: number;
  readonly layout: Layout;
  readonly party?: string;
}
interface Subject {
  readonly title: string;
  readonly section: string;
  readonly operations: Readonly<Record<string, Declared>>;
}

const SETTLEMENT: readonly Subject[] = [
  { title: "channels", section: "§10.1", operations: CHANNEL_OPERATIONS },
  { title: "organizations and services", section: "§11.1", operations: SERVICE_OPERATIONS },
  { title: "escrows", section: "§12.1", operations: ESCROW_OPERATIONS },
];

/**
 * The protocol's text with its tables of operations, and its lists of the fields of structs, as the
 * declarations have them.
 */
export function writeOperationTables(text: string): string {
  const tables: [string, string][] = [["§1.4", writeCoreTable()]];
  for (const { section, operations } of SETTLEMENT) tables.push([section, writeTable(operations)]);
  let written = text;
  for (const [section, table] of tables) {
    const place = new RegExp(`(\\*\\*${section} Operations?\\.\\*\\*[^|]*)(?:\\|.*\\n)+`);
    written = replaceOnce(written, place, (_, head) => `${head}${table}\n`);
  }
  for (const { term, wire } of listStructs()) {
    const place = new RegExp(`\\*${term}\\* = [^.]*\\.`);
    written = replaceOnce(written, place, () => `*${term}* = ${listFields(wire)}.`);
  }
  return written;
}

function replaceOnce(text: string, place: RegExp, by: (...parts: string[]) => string): string {
  if (!place.test(text)) throw new RangeError(`the text has no ${place}`);
  return text.replace(place, by);
}

/** Core operations by number, other subjects as the ranges of their numbers. */
function writeCoreTable(): string {
  const rows = Object.entries(CORE_OPERATIONS).map(
    ([kind, { code, layout }]) => [code, [code, kind, listFields(layout.wire)]] as const,
  );
  const ranges = SETTLEMENT.flatMap(({ title, section, operations }) =>
    listRanges(Object.values(operations).map(({ code }) => code)).map(
      ([first, last]) => [first, [nameRange(first, last), "", `${title}: ${section}`]] as const,
    ),
  );
  const sorted = [...rows, ...ranges].sort(([a], [b]) => a - b);
  return formatTable(["kind", "", "body"], ...sorted.map(([, row]) => row));
}

const nameRange = (first: number, last: number): string =>
  first === last ? `${first}` : `${first} to ${last}`;

function listRanges(codes: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const code of [...codes].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges;
}

function writeTable(operations: Subject["operations"]): string {
  const all = Object.entries(operations).sort(([, a], [, b]) => a.code - b.code);
  const hasParties = all.some(([, { party }]) => party !== undefined);
  const by = (party: string) => (hasParties ? [party] : []);
  return formatTable(
    ["kind", "", ...by("by"), "body"],
    ...all.map(([kind, { code, party = "", layout }]) => [
      ...[code, kind, ...by(party)],
      listFields(layout.wire),
    ]),
  );
}

function formatTable(head: readonly string[], ...rows: (readonly (string | number)[])[]): string {
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |"));
  const line = `| ${head.join(" | ")} |`.replaceAll("|  |", "| |");
  return [line, `|${"---|".repeat(head.length)}`, ...lines].join("\n");
}

const listFields = (fields: readonly Field[]): string => fields.map(describe).join(", ");

function describe({ shown, note, range }: Field): string {
  if (range.of === "struct") return `*${range.struct.term}*`;
  const words = shown.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const detail = note || describeRange(range);
  return detail === "" ? words : `${words} (${detail})`;
}

function describeRange(range: FieldRange): string {
  switch (range.of) {
    case "bytes": {
      const { lengthMin, lengthMax } = range;
      return lengthMin === lengthMax ? `${lengthMin}` : `${lengthMin} to ${lengthMax}`;
    }
    case "optional bytes":
      return `${range.length} or none`;
    case "choice":
      return range.names.map((name, code) => `${code} \`${name}\``).join(", ");
    case "list":
      return range.item.range.of === "struct" ? `each a *${range.item.range.struct.term}*` : "";
    default:
      return "";
  }
}

/** The structs inside the operations' bodies, each once. */
function listStructs(): Set<Struct<unknown>> {
  const subjects = [CORE_OPERATIONS, ...SETTLEMENT.map(({ operations }) => operations)];
  const declared: Declared[] = subjects.flatMap((operations) => Object.values(operations));
  const ranges = declared.flatMap(({ layout }) =>
    layout.wire.map(({ range }) => (range.of === "list" ? range.item.range : range)),
  );
  return new Set(ranges.flatMap((range) => (range.of === "struct" ? [range.struct] : [])));
}
