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
import {
  describeClosed,
  openReplay,
  type ReplayOptions,
  readHistory,
} from "./local-application.ts";
import { countHolding, formatReplay, handOut, noteClosed, noteExceptions } from "./replay-lines.ts";

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
    noteExceptions(exceptions, terminal);
    const result = replayer.finish();
    const snapshot = options.snapshot === undefined ? undefined : local.store.snapshot();
    await handOut(local.refusals, snapshot, options, terminal);
    const closedInput = local.findClosedInput();
    const verdict = judgeHistory(result.divergence, { closedInput });
    const { length } = exceptions;
    await terminal.print(
      options.json
        ? formatJson(toJson(result, verdict, length, closedInput))
        : formatResult(result, verdict, length),
    );
    noteClosed(describeClosed(local, closedInput), verdict, terminal);
    return verdict;
  } finally {
    await local.close();
  }
}

function toJson(
  { inputs, accepted, rejected, root, outputsMerkleRoot, claims, divergence }: ReplayResult,
  verdict: ExitCode,
  exceptions: number,
  closedInput: number | undefined,
): object {
  return {
    inputs,
    accepted,
    rejected,
    // The fields that stay, and this one only where there is something to say.
    exceptions: exceptions || undefined,
    root,
    outputsMerkleRoot,
    claims: claims.map(renameInput),
    verified: verdict === 0,
    closedInput,
    divergence: divergence && renameInput(divergence),
  };
}

const renameInput = ({ inputIndex, ...rest }: { readonly inputIndex: number }): object => ({
  input: inputIndex,
  ...rest,
});

const SUBJECTS = {
  root: "the state's root",
  outputsMerkleRoot: "the outputs Merkle root",
  rescannedRoot: "the root of a scan of all rows",
  missingInput: "the history",
} as const;

function formatResult(result: ReplayResult, verdict: ExitCode, exceptions: number): string {
  const { claims, divergence } = result;
  return formatReplay({
    result,
    verdict,
    exceptions,
    judged: [["claims", countHolding(claims)]],
    divergence,
    subject: divergence && SUBJECTS[divergence.subject],
    sides: ["claimed", "re-executed"],
    verified:
      claims.length === 0
        ? "replayed: nothing to compare with; a scan of all rows gives the root"
        : "verified: a scan of all rows gives the root, every claim holds",
  });
}
