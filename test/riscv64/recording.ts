import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hex } from "../../dapp/engine/operation-context.ts";
import {
  formatHistoryLine,
  type HistoryInput,
  parseHistory,
} from "../../node-client/history/history-lines.ts";
import { type AdvanceResult, encodeOutput, type Hex } from "../../spec/outputs.ts";

/** All that one input leads to, as seen from outside the machine. */
export interface Outcome {
  readonly status: AdvanceResult["status"];
  /** The state's root after the input, which a rejected one must leave alone. */
  readonly root: Hex;
  /** The encoded outputs, of which the leaves of the output tree are made. */
  readonly outputs: readonly Hex[];
  readonly reports: readonly Hex[];
}

/** A query after the last input, and its answer. */
export interface Question {
  readonly query: string;
  readonly reports: readonly Hex[];
}

/** A history with all that it led to where it was recorded. */
export interface Recording {
  /** `process.arch` of that machine. */
  readonly architecture: string;
  readonly machineSecret: Hex;
  readonly inputs: readonly HistoryInput[];
  /** What each input does, in a word: for the message that names it. */
  readonly kinds: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly questions: readonly Question[];
}

const HISTORY = "history.jsonl";
const EXPECTED = "expected.json";

/** Writes a recording into two files of a folder: the history as JSON lines, and all the rest. */
export function writeRecording(folder: string, recording: Recording): void {
  const { inputs, ...expected } = recording;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, HISTORY), formatHistory(inputs));
  writeFileSync(join(folder, EXPECTED), JSON.stringify(expected));
}

/** Reads back what `writeRecording` wrote. */
export function readRecording(folder: string): Recording {
  const expected = JSON.parse(readFileSync(join(folder, EXPECTED), "utf8"));
  return { ...expected, inputs: [...parseHistory(readFileSync(join(folder, HISTORY), "utf8"))] };
}

/** The text of a history file. */
export function formatHistory(inputs: readonly HistoryInput[]): string {
  return inputs.map((input) => `${formatHistoryLine(input)}\n`).join("");
}

/** What an input led to, in the form in which it is compared. */
export function describeOutcome({ status, outputs, reports }: AdvanceResult, root: Hex): Outcome {
  return { status, root, outputs: outputs.map((output) => hex(encodeOutput(output))), reports };
}
