import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { addBenchCommand } from "./bench-command.ts";
import { addBuyCommand } from "./buy-command.ts";
import { addChallengeCommand } from "./challenge-command.ts";
import { addChannelCommand } from "./channel-command.ts";
import { addDemoCommand } from "./demo-command.ts";
import { addDeviceCommand } from "./device-command.ts";
import { addDiscoverCommand } from "./discover-command.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { shareExamples } from "./documented-command.ts";
import { addEncodeCommand } from "./encode-command.ts";
import { addEscrowCommand } from "./escrow-command.ts";
import { addExecuteCommand } from "./execute-command.ts";
import { addExportCommand } from "./export-command.ts";
import { addGrantCommand } from "./grant-command.ts";
import { addInspectCommand } from "./inspect-command.ts";
import type { ExitCode, Io } from "./io.ts";
import { addKeyCommand } from "./key-command.ts";
import { addMintCommand } from "./mint-command.ts";
import { addMoneyCommands } from "./money-commands.ts";
import { addOutputsCommand } from "./outputs-command.ts";
import { addProveCommand } from "./prove-command.ts";
import { addRelayCommand } from "./relay-command.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addSampleCommand } from "./sample-command.ts";
import { addServiceCommand } from "./service-command.ts";
import { addStartCommand } from "./start-command.ts";
import { addStatusCommand } from "./status-command.ts";
import { addStreamCommand } from "./stream-command.ts";
import { addSubmitCommand } from "./submit-command.ts";
import type { Terminal } from "./terminal.ts";
import { addWalletCommand } from "./wallet-command.ts";

/** In the order of the help. */
const COMPLETE_HELP = `
Prints a script that completes commands and options by the Tab key.

Examples:
  $ tallyroll complete bash > ~/.local/share/bash-completion/completions/tallyroll
  $ tallyroll complete zsh > ~/.zsh/completions/_tallyroll
  $ tallyroll complete fish > ~/.config/fish/completions/tallyroll.fish`;

const ADD_COMMANDS = [
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
] as const;

/** Adds every command there is; `exit` takes what it ends with. */
export function addAllCommands(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  for (const addCommand of ADD_COMMANDS) addCommand(program, io, terminal, exit);
  shareExamples(program);
  // Last, since it offers what the commands before it have: `tallyroll complete bash` prints the script.
  tab(program);
  const complete = program.commands.find((command) => command.name() === "complete");
  complete?.addHelpText("after", COMPLETE_HELP);
}
