import { escapeLine } from "../../escape-text.ts";
import type { ReplayException } from "../../replay/count-exceptions.ts";
import type { ChainDivergence } from "../../replay/judge-chain.ts";
import type { ReportedRefusal } from "../../replay/open-application.ts";
import { type Divergence, GENESIS_INDEX, type ReplayResult } from "../../replay/replay-history.ts";
import { createFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ReplayOptions } from "./local-application.ts";

/** What a replay found, wherever its inputs came from, and how to say it. */
interface ReplayReport {
  readonly result: Omit<ReplayResult, "claims" | "divergence">;
  readonly verdict: ExitCode;
  /** Inputs that stopped the application; they are among the rejected ones. */
  readonly exceptions: number;
  /** Lines before and after the result's own: what was replayed, and what was judged. */
  readonly above?: readonly Line[];
  readonly judged: readonly Line[];
  readonly divergence: Divergence | ChainDivergence | undefined;
  /** What differs, in words. */
  readonly subject: string | undefined;
  /** Who says what is expected, and what came out. */
  readonly sides: readonly [expected: string, actual: string];
  /** The last line where nothing differs. */
  readonly verified: string;
}

type Line = readonly [name: string, value: string | number];

const NAME_COLUMNS = 21;
const SIDE_COLUMNS = 13;

export function formatReplay(report: ReplayReport): string {
  const { result, verdict, exceptions, above = [], judged, divergence, verified } = report;
  const { inputs, accepted, rejected, outputs, root, outputsMerkleRoot } = result;
  const stopped = exceptions === 0 ? "" : `, ${exceptions} of them by an exception`;
  const fields: readonly Line[] = [
    ...above,
    ["inputs", `${inputs} (${accepted} accepted, ${rejected} rejected${stopped})`],
    ["outputs", outputs],
    ["root", root],
    ["outputs Merkle root", outputsMerkleRoot],
    ...judged,
  ];
  const lines = fields.map(([name, value]) => `${name.padEnd(NAME_COLUMNS)}${value}`);
  if (divergence !== undefined) lines.push(...formatDifference(report, divergence));
  if (verdict !== 1) lines.push(verdict === 0 ? verified : "not verified: it could not be told");
  return `${lines.join("\n")}\n`;
}

function formatDifference(
  { verdict, subject, sides }: ReplayReport,
  divergence: Divergence | ChainDivergence,
): readonly string[] {
  const { inputIndex, expected, actual } = divergence;
  const isFirst = inputIndex === undefined || inputIndex === GENESIS_INDEX;
  const place = isFirst ? "before the first input" : `at input ${inputIndex}`;
  const [says, found] = divergence.subject === "rescannedRoot" ? ["scanned", "re-executed"] : sides;
  return [
    `${verdict === 1 ? "DIVERGES" : "differs"} ${place}, in ${subject}`,
    `  ${says.padEnd(SIDE_COLUMNS)}${expected}`,
    `  ${found.padEnd(SIDE_COLUMNS)}${actual}`,
  ];
}

export function countHolding(judged: readonly { readonly holds: boolean }[]): string {
  if (judged.length === 0) return "none";
  return `${judged.filter(({ holds }) => holds).length} of ${judged.length} hold`;
}

export function formatRefusal(refused: ReportedRefusal): string {
  const { input, operation, refusal, code, detail } = refused;
  const place = operation === null ? `input ${input}` : `input ${input}, operation ${operation}`;
  return `${place}: ${refusal} (${code})${detail === "" ? "" : `: ${escapeLine(detail)}`}`;
}

/** Names the inputs that stopped the application, which is a bug of it. */
export function noteExceptions(exceptions: readonly ReplayException[], terminal: Terminal): void {
  for (const { inputIndex, message } of exceptions) {
    terminal.note(
      `Input ${inputIndex} stopped the application (${message}). It counts as rejected, with the ` +
        "state before it, as in the rollup. This is a bug: report that input.",
    );
  }
}

/** Prints every refused operation, and writes the state to the file that was named for it. */
export async function handOut(
  refusals: readonly ReportedRefusal[],
  snapshot: Uint8Array | undefined,
  { snapshot: file, json }: ReplayOptions,
  terminal: Terminal,
): Promise<void> {
  for (const refusal of refusals) {
    await terminal.print(json ? formatJson(refusal) : `${formatRefusal(refusal)}\n`);
  }
  if (file === undefined || snapshot === undefined) return;
  terminal.note(`The state is in ${createFile(file, snapshot, terminal.io)}, a SQLite file.`);
}
