import { errorKind } from "../terminal/io.ts";

/** Options that other tools have for what must not be an argument. */
const SECRET_OPTION =
  /^--?(?:private-?key|pk|secret(?:-?key)?|mnemonic|seed-?phrase|password|(?:keystore-)?password)(?:=|$)/i;
const KEY_DIGITS = /^\s*(?:0x)?[0-9a-f]{64}\s*$/i;
/** What follows these is a file or a number, so that such digits there are a key put wrongly. */
const ACCOUNT_OPTION = /^--(?:keystore|dev-account|key)(?:=|$)/;

/** Whether a text may be a private key that was put into the wrong place: no message shows it. */
export const isKeyDigits = (text: string): boolean => KEY_DIGITS.test(text);

const SecretArgumentError = errorKind("SecretArgumentError");

/**
 * Refuses a command line that holds a private key or password, whatever it was meant for. The
 * message never shows it.
 */
export function refuseSecretArguments(args: readonly string[]): void {
  for (const [i, word] of args.entries()) {
    const before = args[i - 1] ?? "";
    const value = ACCOUNT_OPTION.test(word) ? word.slice(word.indexOf("=") + 1) : word;
    const isPlain = !before.startsWith("--") || ACCOUNT_OPTION.test(before) || value !== word;
    if (SECRET_OPTION.test(word) || (isPlain && isKeyDigits(value))) {
      throw new SecretArgumentError(
        "A secret is never an argument: others on this computer see it in the list of processes, and " +
          "the shell keeps it in its history.",
        {
          whatToDo:
            "Take it for known now; give a key with --keystore FILE or TALLYROLL_PRIVATE_KEY, a " +
            "password with TALLYROLL_KEYSTORE_PASSWORD_FILE.",
        },
      );
    }
  }
}
