import { inspect } from "node:util";
import type { HistoryInput } from "../../node-client/history/history-lines.ts";
import { MachineLost } from "../../node-client/node/machine/machine.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { Outcome, Recording } from "./recording.ts";

/** What is held against a recording: the engine in process, or the built dApp behind HTTP. */
export interface Subject {
  /** As the messages name it, such as "the engine in process". */
  readonly name: string;
  /** `process.arch` and `process.version` of the Node that runs it. */
  readonly architecture: string;
  readonly version: string;
  advance(input: HistoryInput): Promise<Outcome>;
  inspect(query: string): Promise<readonly Hex[]>;
}

/** Exit code of a check that found a difference. Not 1: with that Node itself exits on a failure. */
const DIFFERS = 64;
const COULD_NOT_TELL = 2;

/** What came out under one name: a text, or a list of them. */
type Found = Readonly<Record<string, string | readonly string[]>>;

const EXCERPT_CHARS = 96;

/**
 * Applies a recorded history, then asks the recorded questions, and compares every byte that comes
 * out. Names the first input that differs and stops there: whatever follows would differ, too.
 *
 * @throws MachineLost when the subject is gone, which says nothing about its results.
 */
export async function compareAll(recording: Recording, subject: Subject): Promise<boolean> {
  const { architecture: origin, inputs, outcomes, kinds, questions } = recording;
  const { name, architecture, version } = subject;
  const isEqual = async (what: string, expected: Found, find: () => Promise<Found>) => {
    const differences = findDifferences(expected, await attempt(find), origin, architecture);
    if (differences.length === 0) return true;
    print([`${architecture}: ${what} differs from ${origin} (${name})`, ...differences].join("\n"));
    return false;
  };

  for (const [index, input] of inputs.entries()) {
    const what = `input ${index} (${kinds[index]})`;
    const find = async () => ({ ...(await subject.advance(input)) });
    if (!(await isEqual(what, { ...outcomes[index]! }, find))) return false;
  }
  for (const { query, reports } of questions) {
    const find = async () => ({ reports: await subject.inspect(query) });
    if (!(await isEqual(`the answer to ${query}`, { reports }, find))) return false;
  }

  const outputCount = outcomes.reduce((sum, { outputs }) => sum + outputs.length, 0);
  const reportCount = outcomes.reduce((sum, { reports }) => sum + reports.length, 0);
  print(
    `${architecture}: ${inputs.length} inputs, ${outcomes.length} roots and ${outputCount} outputs ` +
      `equal those of ${origin}, so do ${reportCount} reports and ${questions.length} answers ` +
      `(${name}, Node ${version} on ${architecture})`,
  );
  return true;
}

/** Ends this process with the verdict of its check. */
export function exitWith(check: Promise<boolean>): void {
  check.then(
    (isEqual) => process.exit(isEqual ? 0 : DIFFERS),
    (error: unknown) => {
      process.stderr.write(`${inspect(error)}\n`);
      process.exit(COULD_NOT_TELL);
    },
  );
}

/** What the other machine did not throw is a difference when it is thrown here. */
async function attempt(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof MachineLost) throw error;
    return { thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Two lines for each text that differs, or nothing. */
function findDifferences(
  expected: Found,
  actual: Found,
  expectedOn: string,
  actualOn: string,
): string[] {
  const subjects = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...subjects].flatMap((subject) => {
    const [left, right] = [toList(expected[subject]), toList(actual[subject])];
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
      if (left[i] === right[i]) return [];
      const place = Math.max(left.length, right.length) === 1 ? subject : `${subject} ${i}`;
      const from = firstDifference(left[i] ?? "", right[i] ?? "");
      return [
        `  ${place}, ${expectedOn}: ${excerpt(left[i], from)}`,
        `  ${place}, ${actualOn}: ${excerpt(right[i], from)}`,
      ];
    }).flat();
  });
}

function toList(found: string | readonly string[] | undefined): readonly string[] {
  return found === undefined ? [] : typeof found === "string" ? [found] : found;
}

function firstDifference(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  return index;
}

/** Some characters around a place: an output may be kilobytes long. */
function excerpt(text: string | undefined, around: number): string {
  if (text === undefined) return "nothing";
  const from = Math.max(0, Math.min(around - EXCERPT_CHARS / 2, text.length - EXCERPT_CHARS));
  const to = from + EXCERPT_CHARS;
  return `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
}

/** One line of this check's result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
