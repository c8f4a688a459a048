import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { addChannelCommand } from "./channel/channel-command.ts";
import { addDeviceCommand } from "./device/device-command.ts";
import { addGrantCommand } from "./device/grant-command.ts";
import { addKeyCommand } from "./device/key-command.ts";
import { addBuyCommand } from "./escrow/buy-command.ts";
import { addEscrowCommand } from "./escrow/escrow-command.ts";
import { addBenchCommand } from "./node/bench-command.ts";
import { addDemoCommand } from "./node/demo-command.ts";
import { addDoctorCommand } from "./node/doctor-command.ts";
import { addStartCommand } from "./node/start-command.ts";
import { addStatusCommand } from "./node/status-command.ts";
import { shareExamples } from "./options/help-text.ts";
import { addExecuteCommand } from "./outputs/execute-command.ts";
import { addOutputsCommand } from "./outputs/outputs-command.ts";
import { addRelayCommand } from "./relay/relay-command.ts";
import { addExportCommand } from "./replay/export-command.ts";
import { addInspectCommand } from "./replay/inspect-command.ts";
import { addReplayCommand } from "./replay/replay-command.ts";
import { addDiscoverCommand } from "./service/discover-command.ts";
import { addServiceCommand } from "./service/service-command.ts";
import { addChallengeCommand, addProveCommand } from "./stream/prove-command.ts";
import { addStreamCommand } from "./stream/stream-command.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { addEncodeCommand } from "./upload/encode-command.ts";
import { addSampleCommand } from "./upload/sample-command.ts";
import { addSubmitCommand } from "./upload/submit-command.ts";
import { addMintCommand, addMoneyCommands } from "./wallet/money-commands.ts";
import { addWalletCommand } from "./wallet/wallet-command.ts";

const COMPLETE_HELP = `
Prints a script that completes commands and options by the Tab key.

Examples:
  $ tallyroll complete bash > ~/.local/share/bash-completion/completions/tallyroll
  $ tallyroll complete zsh > ~/.zsh/completions/_tallyroll
  $ tallyroll complete fish > ~/.config/fish/completions/tallyroll.fish`;

/** In the order of the help. */
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

/** Adds every command there is. */
export function addAllCommands(program: Command, terminal: Terminal): void {
  for (const addCommand of ADD_COMMANDS) addCommand(program, terminal);
  shareExamples(program);
  // Last, since it offers what the commands before it have: `tallyroll complete bash` prints the script.
  tab(program);
  const complete = program.commands.find((command) => command.name() === "complete");
  complete?.addHelpText("after", COMPLETE_HELP);
}
