import { createInterface } from "node:readline";
import { ClientError } from "../../errors.ts";
import type { Terminal } from "./terminal.ts";

/** Something that is for good was not agreed to: nothing was done. */
export class NotConfirmed extends ClientError {
  override readonly name = "NotConfirmed";
}

/**
 * Asks for a yes on a terminal.
 *
 * @param isAgreed That `--yes` was given: nobody is asked.
 * @param subject What would be done, as the beginning of a sentence.
 * @throws NotConfirmed for any other answer, and where there is nobody to ask.
 */
export async function confirm(
  { isAgreed, subject }: { readonly isAgreed: boolean; readonly subject: string },
  terminal: Terminal,
): Promise<void> {
  if (isAgreed) return;
  const isWatched =
    terminal.io.isTerminal && "isTTY" in terminal.io.stdin && terminal.io.stdin.isTTY === true;
  if (!isWatched) {
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
