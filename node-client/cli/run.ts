import tab from "@bomb.sh/tab/commander";
import { Command } from "commander";
import { version } from "../../package.json";
import { addBenchCommand } from "./bench-command.ts";
import { addBuyCommand } from "./buy-command.ts";
import { addChallengeCommand } from "./challenge-command.ts";
import { addChannelCommand } from "./channel-command.ts";
import { findGivenPlaces, type GivenPlaces, toPastable } from "./command-hints.ts";
import { addDemoCommand } from "./demo-command.ts";
import { addDeviceCommand } from "./device-command.ts";
import { directHelp } from "./direct-help.ts";
import { addDiscoverCommand } from "./discover-command.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { addEncodeCommand } from "./encode-command.ts";
import { addEscrowCommand } from "./escrow-command.ts";
import { addExecuteCommand } from "./execute-command.ts";
import { addExportCommand } from "./export-command.ts";
import { addGrantCommand } from "./grant-command.ts";
import { formatHelp } from "./help-text.ts";
import { addInspectCommand } from "./inspect-command.ts";
import type { ExitCode, Io } from "./io.ts";
import { addKeyCommand } from "./key-command.ts";
import { addMintCommand } from "./mint-command.ts";
import { addMoneyCommands } from "./money-commands.ts";
import { addOutputsCommand } from "./outputs-command.ts";
import { addProveCommand } from "./prove-command.ts";
import { addRelayCommand } from "./relay-command.ts";
import { addReplayCommand } from "./replay-command.ts";
import { reportError } from "./report-error.ts";
import { requireKnownCommand } from "./require-known-command.ts";
import { addSampleCommand } from "./sample-command.ts";
import { refuseSecretArguments } from "./secret-arguments.ts";
import { addServiceCommand } from "./service-command.ts";
import { addStartCommand } from "./start-command.ts";
import { addStatusCommand } from "./status-command.ts";
import { addStreamCommand } from "./stream-command.ts";
import { addSubmitCommand } from "./submit-command.ts";
import { Terminal } from "./terminal.ts";
import { addWalletCommand } from "./wallet-command.ts";

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
  let exitCode: ExitCode = 0;
  const exit = (code: ExitCode): void => {
    exitCode = code;
  };
  const { commandName = "tallyroll" } = io;
  const program = new Command("tallyroll")
    .description("Paid, provable device data on a rollup: devices sign, anybody can check.")
    .version(version)
    .addHelpText("after", HELP)
    .exitOverride()
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
  for (const addCommand of [
    addStartCommand,
    addStatusCommand,
    addDoctorCommand,
    addDemoCommand,
    addKeyCommand,
    addDeviceCommand,
    addStreamCommand,
    addSampleCommand,
    addSubmitCommand,
    addGrantCommand,
    addMoneyCommands,
    addWalletCommand,
    addServiceCommand,
    addDiscoverCommand,
    addBuyCommand,
    addEscrowCommand,
    addChannelCommand,
    addMintCommand,
    addOutputsCommand,
    addExecuteCommand,
    addRelayCommand,
    addProveCommand,
    addChallengeCommand,
    addEncodeCommand,
    addReplayCommand,
    addExportCommand,
    addInspectCommand,
    addBenchCommand,
  ]) {
    addCommand(program, io, terminal, exit);
  }
  // Last, since it offers what the commands before it have: \`tallyroll complete bash\` prints the script.
  tab(program);
  try {
    refuseSecretArguments(args);
    const words = directHelp(program, args);
    requireKnownCommand(program, words);
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    terminal.endProgress();
    return await reportError(error, terminal, io, args.includes("--json"));
  }
}
