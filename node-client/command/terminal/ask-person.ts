import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { escapeLine } from "../../escape-text.ts";
import { errorKind, type Io } from "./io.ts";
import { codeOf, type Terminal } from "./terminal.ts";

const PasswordError = errorKind("PasswordError");

/**
 * A keystore's password: `TALLYROLL_KEYSTORE_PASSWORD`, else the first line of the file that
 * `TALLYROLL_KEYSTORE_PASSWORD_FILE` names, else asked for on a terminal, which does not show it.
 *
 * @param isNew Asks twice, because a typing error would lock the key away.
 */
export async function readPassword(
  { path, isNew }: { readonly path: string; readonly isNew: boolean },
  terminal: Terminal,
): Promise<string> {
  const { TALLYROLL_KEYSTORE_PASSWORD: text, TALLYROLL_KEYSTORE_PASSWORD_FILE: file } =
    terminal.io.env;
  const given = text || (file ? readFirstLine(resolve(terminal.io.cwd, file)) : undefined);
  if (given) return given;
  if (!isWatched(terminal.io)) {
    throw new PasswordError(`There is no password for the keystore ${path}.`, {
      whatToDo:
        "Set TALLYROLL_KEYSTORE_PASSWORD or TALLYROLL_KEYSTORE_PASSWORD_FILE, or run the command " +
        "on a terminal to be asked.",
    });
  }
  terminal.endProgress();
  const password = await ask(`Password of ${escapeLine(path)}: `, terminal.io);
  if (password === "") {
    throw new PasswordError("The password is empty.", { whatToDo: "Type one of some length." });
  }
  if (isNew && (await ask("The same again: ", terminal.io)) !== password) {
    throw new PasswordError("The two passwords differ; nothing was written.", {
      whatToDo: "Run the command again and type the same password twice.",
    });
  }
  return password;
}

/** Both ends have to be a person's: an answer from a pipe would be echoed into a log somewhere. */
const isWatched = (io: Io): boolean =>
  io.isTerminal && "isTTY" in io.stdin && io.stdin.isTTY === true;

function readFirstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/, 1)[0] ?? "";
  } catch (cause) {
    throw new PasswordError(`The password file ${path} cannot be read (${codeOf(cause)}).`, {
      whatToDo: "Correct TALLYROLL_KEYSTORE_PASSWORD_FILE, or make the file readable to you.",
      cause,
    });
  }
}

/** Readline switches the terminal's own echo off, and has nowhere to write its own. */
function ask(prompt: string, io: Io): Promise<string> {
  io.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("close", () => {
      io.stderr.write("\n");
      reject(
        new PasswordError("No password was typed; nothing was done.", {
          whatToDo: "Run the command again and type it.",
        }),
      );
    });
  });
}

/** Something that is for good was not agreed to: nothing was done. */
export const NotConfirmed = errorKind("NotConfirmed");

/**
 * Asks for a yes on a terminal.
 *
 * @param isAgreed That `--yes` was given: nobody is asked.
 * @param subject What would be done, as the beginning of a sentence.
 */
export async function confirm(
  { isAgreed, subject }: { readonly isAgreed: boolean; readonly subject: string },
  terminal: Terminal,
): Promise<void> {
  if (isAgreed) return;
  if (!isWatched(terminal.io)) {
    throw new NotConfirmed(`${subject}, and nobody can be asked here; nothing was sent.`, {
      whatToDo: "Look at it with --dry-run, then add --yes.",
    });
  }
  terminal.endProgress();
  const lines = createInterface({
    input: terminal.io.stdin,
    output: terminal.io.stderr,
    terminal: true,
  });
  const answer = await new Promise<string>((resolve) => {
    lines.once("close", () => resolve(""));
    lines.question(`${subject}. Go on? [y/N] `, resolve);
  });
  lines.close();
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new NotConfirmed("Not agreed to; nothing was sent.", {
    whatToDo: "Correct what the summary shows by options; --dry-run shows it again.",
  });
}
