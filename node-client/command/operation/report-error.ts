import { inspect } from "node:util";
import { CommanderError } from "commander";
import { isOutOfMemory } from "../../../dapp/store/out-of-memory.ts";
import { fillIn, listNames } from "../../../spec/explain.ts";
import { TIME_SEC_MAX } from "../../../spec/limits.ts";
import { TIMED_DETAILS } from "../../../spec/refusals.ts";
import { describeRefused, OperationRefused } from "../../client/actions/operation-outcomes.ts";
import { ClientError } from "../../errors.ts";
import { toFileError } from "../../kept/file-error.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { ExitCode, Io } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { adviseCommand } from "./command-advice.ts";

/** What went wrong, and what to do about it. */
interface Told {
  readonly name: string;
  readonly message: string;
  readonly whatToDo: string;
}

/**
 * Tells what went wrong in one line on standard error, and gives the exit code: 2 for all but a
 * help text that was asked for. `TALLYROLL_DEBUG` adds the stack and the causes.
 *
 * @param isJson Whether to tell it as JSON on standard output too, so that a program that reads the
 * last line there finds an object: `{"error":{"name":…,"message":…,"whatToDo":…}}`. A command that
 * has printed its answer already has told more than that.
 */
export async function reportError(
  error: unknown,
  terminal: Terminal,
  io: Io,
  isJson: boolean,
): Promise<ExitCode> {
  // Commander ends a parse by a throw even where it only showed the help or the version.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  const told = toOneLine(describeError(error));
  if (!isHelp) terminal.note(`tallyroll: ${told.message} ${told.whatToDo}`);
  if (isJson && !isHelp && !terminal.hasPrintedObject) await printError(told, terminal);
  if (io.env.TALLYROLL_DEBUG) terminal.note(...inspect(error).split("\n"));
  return 2;
}

async function printError(error: Told, terminal: Terminal): Promise<void> {
  try {
    // A note does this by itself: done twice, somebody else's command would get our account.
    const [message, whatToDo] = [terminal.hint(error.message), terminal.hint(error.whatToDo)];
    await terminal.print(formatJson({ error: { ...error, message, whatToDo } }));
  } catch {
    // Standard output is what failed: it was reported on standard error.
  }
}

function describeError(error: unknown): Told {
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, "")
      .replace(
        /^command-argument value ('.*') is invalid for argument '(.*?)'/s,
        "<$2> $1 is invalid",
      )
      .replace(/[^.)]$/, "$&.");
    return { name: "UsageError", message, whatToDo: "Add --help to see what the command takes." };
  }
  if (error instanceof OperationRefused) {
    const message = tellRefusalTimes(error);
    return { name: error.name, message, whatToDo: adviseCommand(error) };
  }
  const known = error instanceof ClientError ? error : toFileError(error);
  if (known !== undefined) {
    return { name: known.name, message: known.shortMessage, whatToDo: adviseCommand(known) };
  }
  if (isOutOfMemory(error)) {
    const message = "There is too little memory on this computer.";
    return { name: "OutOfMemory", message, whatToDo: "Free memory, or use a computer with more." };
  }
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    name: "Bug",
    message: `A bug of tallyroll: ${cause}.`,
    whatToDo: "Run it again with TALLYROLL_DEBUG=1 and report that.",
  };
}

function toOneLine({ name, message, whatToDo }: Told): Told {
  const join = (text: string): string => text.trim().replace(/\s*\n\s*/g, " ");
  return { name, message: join(message), whatToDo: join(whatToDo) };
}

const SENTENCES: Readonly<Record<string, string>> = TIMED_DETAILS;

/** What a refusal says, with dates for the machine's Unix seconds. */
function tellRefusalTimes(error: OperationRefused): string {
  const sentence = SENTENCES[error.refusal] ?? "";
  const shown: Record<string, string> = {};
  for (const name of listNames(sentence)) {
    const value = error.values[name];
    // A sealed input's values are withheld, and some refusals have other details without times.
    if (value === undefined) return error.shortMessage;
    shown[name] = name.endsWith("Sec") && isTime(value) ? formatTime(value) : String(value);
  }
  if (sentence === "") return error.shortMessage;
  return describeRefused({ ...error, ...fillIn(sentence, shown) });
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= TIME_SEC_MAX;
