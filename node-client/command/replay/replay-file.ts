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
import { describeUnprovedFile, requireGenesis } from "./key-doubt.ts";
import {
  type LocalApplication,
  openReplay,
  type ReplayOptions,
  readHistory,
} from "./local-application.ts";
import { countHolding, formatReplay, handOut, noteExceptions } from "./replay-lines.ts";

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
    requireGenesis(claims, local);
    const { application, exceptions } = countExceptions(local.application, local.store, known);
    const replayer = new Replayer(local.crypto, application, local.store, claims);
    if (local.ahead === undefined) for (const input of inputs) replayer.apply(input);
    else await replayAhead(replayer, local.ahead, local.store, inputs);
    noteExceptions(exceptions, terminal);
    const result = replayer.finish();
    const snapshot = options.snapshot === undefined ? undefined : local.store.snapshot();
    await handOut(local.refusals, snapshot, options, terminal);
    const verdict = judgeHistory(result);
    const { length } = exceptions;
    await terminal.print(
      options.json
        ? formatJson(toJson(result, verdict, length, local))
        : formatResult(result, verdict, length),
    );
    const isOfKey = !result.isKeyProved && result.divergence?.subject !== "missingInput";
    const doubt = verdict === 2 && isOfKey ? describeUnprovedFile(local) : undefined;
    if (doubt !== undefined) terminal.note(doubt);
    return verdict;
  } finally {
    await local.close();
  }
}

function toJson(
  result: ReplayResult,
  verdict: ExitCode,
  exceptions: number,
  { genesisRoot }: LocalApplication,
): object {
  const { inputs, accepted, rejected, root, outputsMerkleRoot, claims, divergence } = result;
  return {
    inputs,
    accepted,
    rejected,
    // The fields that stay, and this one only where there is something to say.
    exceptions: exceptions || undefined,
    genesisRoot,
    root,
    outputsMerkleRoot,
    claims: claims.map(renameInput),
    verified: verdict === 0,
    keyProved: result.isKeyProved,
    divergence: divergence && renameInput(divergence),
  };
}

const renameInput = ({ inputIndex, ...rest }: { readonly inputIndex: number }): object => ({
  input: inputIndex,
  ...rest,
});

const SUBJECTS = {
  genesisRoot: "the genesis root",
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
        ? "replayed: nothing to compare with, and nothing proves the machine key; a scan of all rows " +
          "gives the root"
        : "verified: a scan of all rows gives the root, every claim holds",
  });
}
