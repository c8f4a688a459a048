import { inspect } from "node:util";
import { CommanderError } from "commander";
import { ClientError } from "../errors.ts";
import { adviseCommand } from "./command-advice.ts";
import type { ExitCode, Io } from "./io.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Tells what went wrong in one line on standard error, and gives the exit code: 2 for all but a
 * help text that was asked for. `TALLYROLL_DEBUG` adds the stack and the causes.
 */
export function reportError(error: unknown, terminal: Terminal, io: Io): ExitCode {
  // Commander ends a parse by a throw even where it only showed the help or the version.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  if (!isHelp) terminal.note(`tallyroll: ${toOneLine(describeError(error))}`);
  if (io.env.TALLYROLL_DEBUG) terminal.note(inspect(error));
  return 2;
}

function describeError(error: unknown): string {
  if (error instanceof CommanderError) {
    const problem = error.message.replace(/^error: /, "").replace(/[^.)]$/, "$&.");
    return `${problem} Add --help to see what the command takes.`;
  }
  if (error instanceof ClientError) return `${error.shortMessage} ${adviseCommand(error)}`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `A bug of tallyroll: ${message}. Run it again with TALLYROLL_DEBUG=1 and report that.`;
}

const toOneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, " ");
