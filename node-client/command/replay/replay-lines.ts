import { escapeLine } from "../../escape-text.ts";
import type { ReplayException } from "../../replay/count-exceptions.ts";
import type { ChainDivergence } from "../../replay/judge-chain.ts";
import type { ReportedRefusal } from "../../replay/open-application.ts";
import type { NamedChainPlace, VerifiedChain } from "../../replay/verify-chain.ts";
import { createFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ReplayOptions } from "./local-application.ts";

/** A replay from the chain, and of what. */
export interface ChainReplayResult extends VerifiedChain {
  readonly place: NamedChainPlace;
  /** From here on nothing sealed has opened. */
  readonly closedInput: number | undefined;
}

/** The object that `--json` prints. */
export function toChainReplayJson(result: ChainReplayResult, verdict: ExitCode): object {
  const { inputs, accepted, rejected, exceptions, root, outputsMerkleRoot } = result;
  const { claims, unclaimedEpochs, executed, divergence, place, closedInput } = result;
  return {
    inputs,
    accepted,
    rejected,
    exceptions: exceptions.length,
    root,
    outputsMerkleRoot,
    claims: claims.map((claim) => ({
      epoch: claim.epochIndex,
      lastProcessedBlockNumber: claim.lastProcessedBlockNumber,
      outputsMerkleRoot: claim.outputsMerkleRoot,
      input: claim.lastInputIndex ?? null,
      transactionHash: claim.transactionHash,
      holds: claim.holds,
    })),
    unclaimedEpochs,
    executed: executed.map(({ outputIndex, outputHash, transactionHash, holds }) => ({
      outputIndex,
      outputHash,
      transactionHash,
      holds,
    })),
    chainId: place.chainId,
    app: place.contracts.app,
    block: place.block,
    verified: verdict === 0,
    ...(closedInput === undefined ? {} : { closedInput }),
    ...(divergence === undefined ? {} : { divergence: toDivergenceJson(divergence) }),
  };
}

function toDivergenceJson(divergence: ChainDivergence): object {
  const { subject, inputIndex, epochIndex, outputIndex, expected, actual } = divergence;
  return {
    subject,
    input: inputIndex ?? null,
    ...(epochIndex === undefined ? {} : { epoch: epochIndex }),
    ...(outputIndex === undefined ? {} : { outputIndex }),
    expected,
    actual,
  };
}

/** The lines for people. */
export function formatChainReplay(result: ChainReplayResult, verdict: ExitCode): string {
  const { claims, executed, exceptions, place, divergence } = result;
  const { number, hash } = place.block;
  const lines = [
    `chain                ${place.chainId}, application ${place.contracts.app}`,
    `block                ${number} ${hash}`,
    formatInputCounts({ ...result, exceptions: exceptions.length }),
    `outputs              ${result.outputs}`,
    `root                 ${result.root}`,
    `outputs Merkle root  ${result.outputsMerkleRoot}`,
    `claims               ${countHolding(claims)}${formatUnclaimed(result.unclaimedEpochs)}`,
    `executed outputs     ${countHolding(executed)}`,
    ...(divergence === undefined ? [] : formatDivergence(divergence, verdict)),
  ];
  if (verdict === 0) {
    lines.push(
      claims.length + executed.length === 0
        ? "replayed: nothing to compare with; every input is the InputBox's, a scan of all rows " +
            "gives the root"
        : "verified: every input is the InputBox's, every claim and executed output is what the " +
            "re-execution gives, a scan of all rows gives the root",
    );
  } else if (verdict === 2) lines.push("not verified: it could not be told");
  return `${lines.join("\n")}\n`;
}

function countHolding(judged: readonly { readonly holds: boolean }[]): string {
  if (judged.length === 0) return "none";
  return `${judged.filter(({ holds }) => holds).length} of ${judged.length} hold`;
}

function formatUnclaimed(epochs: readonly number[]): string {
  const [first] = epochs;
  if (first === undefined) return "";
  return epochs.length === 1
    ? `; epoch ${first} has ended and is not claimed yet`
    : `; ${epochs.length} epochs have ended and are not claimed yet, from epoch ${first} on`;
}

function formatDivergence(divergence: ChainDivergence, verdict: ExitCode): string[] {
  const { inputIndex, expected, actual, subject } = divergence;
  const [says, found] =
    subject === "rescannedRoot"
      ? ["scanned     ", "re-executed "]
      : ["on chain    ", "found here  "];
  const place = inputIndex === undefined ? "before the first input" : `at input ${inputIndex}`;
  return [
    `${verdict === 1 ? "DIVERGES" : "differs"} ${place}, in ${describeSubject(divergence)}`,
    `  ${says} ${expected}`,
    `  ${found} ${actual}`,
  ];
}

function describeSubject({ subject, epochIndex, outputIndex }: ChainDivergence): string {
  switch (subject) {
    case "inputHash":
      return "the input's hash in the InputBox";
    case "claim":
      return `the claim of epoch ${epochIndex}`;
    case "executedOutput":
      return `the executed output ${outputIndex}`;
    case "rescannedRoot":
      return "the root of a scan of all rows";
  }
}

/** How many inputs there were, and what became of them. */
export function formatInputCounts({
  inputs,
  accepted,
  rejected,
  exceptions,
}: {
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly exceptions: number;
}): string {
  const stopped = exceptions === 0 ? "" : `, ${exceptions} of them by an exception`;
  return `inputs               ${inputs} (${accepted} accepted, ${rejected} rejected${stopped})`;
}

/** One refused operation. */
export function formatRefusal({
  input,
  operation,
  refusal,
  code,
  detail,
}: ReportedRefusal): string {
  const place = operation === null ? `input ${input}` : `input ${input}, operation ${operation}`;
  return `${place}: ${refusal} (${code})${detail === "" ? "" : `: ${escapeLine(detail)}`}`;
}

/** An input that stopped the application, which is a bug of it. */
export function describeException({ inputIndex, message }: ReplayException): string {
  return (
    `Input ${inputIndex} stopped the application (${message}). It counts as rejected, with the ` +
    "state before it, as in the rollup. This is a bug: report that input."
  );
}

/** What a re-execution leaves beside its result. */
export interface HandedOut {
  readonly refusals: readonly ReportedRefusal[];
  /** The state as a SQLite file, if it was asked for. */
  readonly snapshot: Uint8Array | undefined;
}

/** Prints every refused operation, and writes the state to the file that was named for it. */
export async function handOut(
  { refusals, snapshot }: HandedOut,
  { snapshot: file, json }: Pick<ReplayOptions, "snapshot" | "json">,
  terminal: Terminal,
): Promise<void> {
  for (const refusal of refusals) {
    await terminal.print(json ? formatJson(refusal) : `${formatRefusal(refusal)}\n`);
  }
  if (file === undefined || snapshot === undefined) return;
  terminal.note(`The state is in ${createFile(file, snapshot, terminal.io)}, a SQLite file.`);
}

/** Says why nothing sealed has opened, and what that leaves unknown. */
export function noteClosed(why: string, verdict: ExitCode, terminal: Terminal): void {
  terminal.note(why);
  if (verdict === 2) terminal.note("Without that key nothing after that input can be known.");
}
