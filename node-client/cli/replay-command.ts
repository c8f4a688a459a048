import { type Command, InvalidArgumentError, Option } from "commander";
import { replayAhead } from "../replay/replay-ahead.ts";
import { Replayer, type ReplayResult } from "../replay/replay-history.ts";
import { parseClaims } from "./claims-file.ts";
import { createFile, requireNoFile } from "./create-file.ts";
import type { ExitCode, Io } from "./io.ts";
import {
  describeClosed,
  type LocalApplication,
  openLocalApplication,
  type ReportedRefusal,
  readHistory,
} from "./local-application.ts";
import { dataFolderOption, jsonOption } from "./parse-arguments.ts";
import { nameOfFile, readText } from "./read-file.ts";
import type { Terminal } from "./terminal.ts";

interface ReplayOptions {
  readonly inputs: string;
  readonly claims?: string;
  readonly reports: boolean;
  readonly snapshot?: string;
  readonly threads: "1" | "2";
  readonly dataFolder?: string;
  readonly json: boolean;
}

const HELP = `
Claims are a JSON array or JSON lines of {"input": n, "root": "0x…", "outputsMerkleRoot": "0x…"}:
what somebody says of the state or the outputs after input n. One of the two roots is enough.

Verified means: every claim holds, and a scan of all rows in the end gives the state's root.
Exit code 0: verified. 1: a claim is wrong; the first wrong one is shown. 2: could not tell.

Examples:
  $ tallyroll replay --inputs history.jsonl
  $ tallyroll replay --inputs history.jsonl --claims claims.jsonl --json
  $ tallyroll encode --csv weather.csv --batch 128 | tallyroll replay --inputs - --reports
  $ tallyroll replay --inputs history.jsonl --snapshot state.sqlite && sqlite3 state.sqlite .tables`;

/** `tallyroll replay`: re-executes a history and judges claims about it. */
export function addReplayCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  program
    .command("replay")
    .description("re-execute a history from its beginning and check claims about it")
    .requiredOption("--inputs <file>", "the history, one JSON input a line; - is standard input")
    .option("--claims <file>", "what somebody claims of the roots; - is standard input")
    .option("--reports", "print every refused operation", false)
    .option("--snapshot <file>", "write the final state as a new SQLite file")
    .addOption(
      new Option("--threads <n>", "2 opens submissions ahead on a second thread")
        .choices(["1", "2"])
        .default("1"),
    )
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: ReplayOptions) => exit(await runReplay(options, io, terminal)));
}

async function runReplay(options: ReplayOptions, io: Io, terminal: Terminal): Promise<ExitCode> {
  if (options.inputs === "-" && options.claims === "-") {
    throw new InvalidArgumentError("Only one of --inputs and --claims can be standard input.");
  }
  if (options.snapshot !== undefined) requireNoFile(options.snapshot, io);
  const claims =
    options.claims === undefined
      ? []
      : parseClaims(await readText(options.claims, io), nameOfFile(options.claims));
  const inputs = await readHistory(options.inputs, io, terminal);
  const local = await openLocalApplication(
    {
      dataFolder: options.dataFolder,
      keepsRefusals: options.reports,
      threads: options.threads === "2" ? 2 : 1,
    },
    io,
    terminal,
  );
  try {
    const replayer = new Replayer(local.crypto, local.application, local.store, claims);
    if (local.ahead === undefined) for (const input of inputs) replayer.apply(input);
    else await replayAhead(replayer, local.ahead, local.store, inputs);
    return await printResult(replayer.finish(), local, options, io, terminal);
  } finally {
    await local.close();
  }
}

async function printResult(
  result: ReplayResult,
  local: LocalApplication,
  options: ReplayOptions,
  io: Io,
  terminal: Terminal,
): Promise<ExitCode> {
  for (const refusal of local.refusals) {
    await terminal.print(`${options.json ? JSON.stringify(refusal) : formatRefusal(refusal)}\n`);
  }
  if (options.snapshot !== undefined) {
    const path = createFile(options.snapshot, local.store.snapshot(), io);
    terminal.note(`The state is in ${path}, a SQLite file.`);
  }
  const verdict = judge(result, local.findClosedInput());
  await terminal.print(
    options.json ? `${JSON.stringify(toJson(result, verdict))}\n` : formatResult(result, verdict),
  );
  const closedInput = local.findClosedInput();
  if (closedInput !== undefined) {
    terminal.note(describeClosed(local, closedInput));
    if (verdict === 2) terminal.note("Without that key nothing behind that input can be told.");
  }
  return verdict;
}

/**
 * The exit code. With a wrong key every sealed thing is refused, so that all wrong keys agree on
 * one root: nothing from the first of them on proves anything, for a claim or against it. And a
 * history that ends before a claim says nothing of it.
 */
function judge({ divergence }: ReplayResult, closedInput: number | undefined): ExitCode {
  const isBeforeDoubt =
    divergence !== undefined && (closedInput === undefined || divergence.inputIndex < closedInput);
  if (isBeforeDoubt) return divergence.subject === "missingInput" ? 2 : 1;
  return closedInput === undefined ? 0 : 2;
}

function toJson(result: ReplayResult, verdict: ExitCode): object {
  const { inputs, accepted, rejected, root, outputsMerkleRoot, claims, divergence } = result;
  return {
    inputs,
    accepted,
    rejected,
    root,
    outputsMerkleRoot,
    claims: claims.map(({ inputIndex, ...claim }) => ({ input: inputIndex, ...claim })),
    verified: verdict === 0,
    ...(divergence === undefined ? {} : { divergence: toDivergenceJson(divergence) }),
  };
}

const toDivergenceJson = ({
  inputIndex,
  ...divergence
}: NonNullable<ReplayResult["divergence"]>): object => ({ input: inputIndex, ...divergence });

const SUBJECTS = {
  root: "the state's root",
  outputsMerkleRoot: "the outputs Merkle root",
  rescannedRoot: "the root of a scan of all rows",
  missingInput: "the history",
} as const;

function formatResult(result: ReplayResult, verdict: ExitCode): string {
  const { inputs, accepted, rejected, outputs, claims, divergence } = result;
  const holding = claims.filter(({ holds }) => holds).length;
  const isRescanned = divergence?.subject !== "rescannedRoot";
  const lines = [
    `inputs               ${inputs} (${accepted} accepted, ${rejected} rejected)`,
    `outputs              ${outputs}`,
    `root                 ${result.root}`,
    `outputs Merkle root  ${result.outputsMerkleRoot}`,
    `claims               ${claims.length === 0 ? "none" : `${holding} of ${claims.length} hold`}`,
  ];
  if (divergence !== undefined) {
    const { inputIndex, subject, expected, actual } = divergence;
    lines.push(
      `DIVERGES at input ${inputIndex}, in ${SUBJECTS[subject]}`,
      `  ${isRescanned ? "claimed" : "scanned"}      ${expected}`,
      `  re-executed  ${actual}`,
    );
  }
  if (verdict === 0) {
    lines.push(
      `verified: a scan of all rows gives the root${holding > 0 ? ", every claim holds" : ""}`,
    );
  } else if (verdict === 2) lines.push("not verified: it could not be told");
  return `${lines.join("\n")}\n`;
}

function formatRefusal({ input, operation, refusal, code, detail }: ReportedRefusal): string {
  const place = operation === null ? `input ${input}` : `input ${input}, operation ${operation}`;
  return `${place}: ${refusal} (${code})${detail === "" ? "" : `: ${detail}`}`;
}
