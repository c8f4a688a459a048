import { version } from "../../package.json";
import { addAllCommands } from "./add-all-commands.ts";
import { reportError } from "./operation/report-error.ts";
import { findGivenPlaces, type GivenPlaces, toPastable } from "./options/command-hints.ts";
import { directHelp, requireKnownCommand } from "./options/command-words.ts";
import { DocumentedCommand, formatHelp, HELP_ORDER } from "./options/help-text.ts";
import { refuseSecretArguments } from "./options/secret-arguments.ts";
import type { ExitCode, Io } from "./terminal/io.ts";
import { Terminal } from "./terminal/terminal.ts";

/** Of a help text that goes to a file. */
const HELP_COLUMNS = 80;

const HELP = `
Exit codes: 0 done or verified; 1 the claim is wrong; 2 usage, could not tell, or any error.

Environment:
  TALLYROLL_APP                the application's address
  TALLYROLL_RPC                the chain's RPC URL
  TALLYROLL_NODE               the node's JSON-RPC URL
  TALLYROLL_KEYSTORE           the keystore file that signs
  TALLYROLL_KEYSTORE_PASSWORD, TALLYROLL_KEYSTORE_PASSWORD_FILE
  TALLYROLL_PRIVATE_KEY        the key that signs, where there is no keystore
  TALLYROLL_MACHINE_KEY        the machine's X25519 secret, 64 hexadecimal digits
  TALLYROLL_MACHINE_KEY_FILE   a file that holds it
  TALLYROLL_HOME               the data folder, where it is made and kept otherwise
  TALLYROLL_ANVIL              the anvil binary, where the one of the package does not run
  TALLYROLL_DATA               the folder of the sample data
  TALLYROLL_DEBUG              shows the stack of every error

Try \`tallyroll demo\` first, and \`tallyroll COMMAND --help\` for examples.`;

/**
 * Runs one command line. Everything it reads and writes comes with `io`, so that a test can call it
 * in its own process.
 *
 * @param args The words after the command's name.
 * @returns 0 done or verified, 1 the claim is wrong, 2 everything else; it never throws.
 * @example
 * process.exitCode = await run(["replay", "--inputs", "history.jsonl"], io);
 */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const terminal = new Terminal(io);
  const { commandName = "tallyroll" } = io;
  const program = new DocumentedCommand("tallyroll")
    .description("Paid, provable device data on a rollup: devices sign, anybody can check.")
    .version(version)
    .addHelpText("after", HELP)
    .exitOverride()
    .configureHelp(HELP_ORDER)
    .configureOutput({
      writeOut: (text) => io.stdout.write(formatHelp(text, commandName, io.columns)),
      writeErr: (text) => io.stderr.write(formatHelp(text, commandName, io.errorColumns)),
      getOutHelpWidth: () => io.columns ?? HELP_COLUMNS,
      getErrHelpWidth: () => io.errorColumns ?? HELP_COLUMNS,
      // Told once, with all other errors, by `reportError`.
      outputError: () => {},
    });
  let given: GivenPlaces = {};
  program.hook("preAction", (_, command) => {
    given = findGivenPlaces(command);
  });
  terminal.useHints((text) => toPastable(text, commandName, program, given));
  addAllCommands(program, terminal);
  try {
    refuseSecretArguments(args);
    const words = directHelp(program, args);
    requireKnownCommand(program, words);
    await program.parseAsync([...words], { from: "user" });
    return terminal.exitCode;
  } catch (error) {
    terminal.endProgress();
    return await reportError(error, terminal, io, args.includes("--json"));
  }
}
