import {
  countExceptions,
  type ReplayException,
  replayWithout,
} from "../../replay/count-exceptions.ts";
import { replayAhead } from "../../replay/replay-ahead.ts";
import { type Claim, Replayer, type ReplayResult } from "../../replay/replay-history.ts";
import { judgeHistory } from "../../replay/verdict.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode } from "../terminal/io.ts";
import { nameOfFile, readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { parseClaims } from "./claims-file.ts";
import type { ReplayOptions } from "./local-application.ts";
import {
  describeClosed,
  type LocalApplication,
  openReplay,
  readHistory,
} from "./local-application.ts";
import { describeException, formatInputCounts, handOut, noteClosed } from "./replay-lines.ts";

/** Options of a replay from a file. */
type FileReplayOptions = ReplayOptions & { readonly inputs: string };

/** `tallyroll replay --inputs`: re-executes a history file and judges claims about it. */
export async function replayFile(
  options: FileReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const claims =
    options.claims === undefined
      ? []
      : parseClaims(await readText(options.claims, terminal.io), nameOfFile(options.claims));
  const replay = (known: readonly ReplayException[]): Promise<ExitCode> =>
    replayOnce(options, claims, known, terminal);
  // Standard input cannot be read again.
  return await (options.inputs === "-" ? replay([]) : replayWithout(replay));
}

async function replayOnce(
  options: FileReplayOptions,
  claims: readonly Claim[],
  known: readonly ReplayException[],
  terminal: Terminal,
): Promise<ExitCode> {
  const inputs = await readHistory(options.inputs, terminal);
  const local = await openReplay(options, terminal);
  try {
    const { application, exceptions } = countExceptions(local.application, local.store, known);
    const replayer = new Replayer(local.crypto, application, local.store, claims);
    if (local.ahead === undefined) for (const input of inputs) replayer.apply(input);
    else await replayAhead(replayer, local.ahead, local.store, inputs);
    for (const exception of exceptions) terminal.note(describeException(exception));
    const result = { ...replayer.finish(), exceptions: exceptions.length };
    return await printResult(result, local, options, terminal);
  } finally {
    await local.close();
  }
}

/** Exceptions are among the rejected inputs. */
type FileReplay = ReplayResult & { readonly exceptions: number };

async function printResult(
  result: FileReplay,
  local: LocalApplication,
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const snapshot = options.snapshot === undefined ? undefined : local.store.snapshot();
  await handOut({ refusals: local.refusals, snapshot }, options, terminal);
  const closedInput = local.findClosedInput();
  const verdict = judgeHistory(result.divergence, { closedInput });
  await terminal.print(
    options.json ? formatJson(toJson(result, verdict, closedInput)) : formatResult(result, verdict),
  );
  if (closedInput !== undefined) noteClosed(describeClosed(local, closedInput), verdict, terminal);
  return verdict;
}

function toJson(result: FileReplay, verdict: ExitCode, closedInput: number | undefined): object {
  const { inputs, accepted, rejected, exceptions, root, outputsMerkleRoot } = result;
  const { claims, divergence } = result;
  return {
    inputs,
    accepted,
    rejected,
    // The fields that stay, and this one only where there is something to say.
    ...(exceptions === 0 ? {} : { exceptions }),
    root,
    outputsMerkleRoot,
    claims: claims.map(({ inputIndex, ...claim }) => ({ input: inputIndex, ...claim })),
    verified: verdict === 0,
    ...(closedInput === undefined ? {} : { closedInput }),
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

function formatResult(result: FileReplay, verdict: ExitCode): string {
  const { outputs, claims, divergence } = result;
  const holding = claims.filter(({ holds }) => holds).length;
  const isRescanned = divergence?.subject !== "rescannedRoot";
  const lines = [
    formatInputCounts(result),
    `outputs              ${outputs}`,
    `root                 ${result.root}`,
    `outputs Merkle root  ${result.outputsMerkleRoot}`,
    `claims               ${claims.length === 0 ? "none" : `${holding} of ${claims.length} hold`}`,
  ];
  if (divergence !== undefined) {
    const { inputIndex, subject, expected, actual } = divergence;
    lines.push(
      `${verdict === 1 ? "DIVERGES" : "differs"} at input ${inputIndex}, in ${SUBJECTS[subject]}`,
      `  ${isRescanned ? "claimed" : "scanned"}      ${expected}`,
      `  re-executed  ${actual}`,
    );
  }
  if (verdict === 0) {
    lines.push(
      claims.length === 0
        ? "replayed: nothing to compare with; a scan of all rows gives the root"
        : "verified: a scan of all rows gives the root, every claim holds",
    );
  } else if (verdict === 2) lines.push("not verified: it could not be told");
  return `${lines.join("\n")}\n`;
}
