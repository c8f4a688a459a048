import { type Command, InvalidArgumentError } from "commander";
import { CommandGroup } from "../operation/command-group.ts";
import { requireNoFile } from "../terminal/create-file.ts";
import type { ExitCode } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addReplayOptions, type ReplayOptions } from "./local-application.ts";
import { replayFile } from "./replay-file.ts";
import { replayFromChain } from "./replay-from-chain.ts";

const HELP = `
With --inputs, claims come from --claims: a JSON array or JSON lines of
{"input": n, "root": "0x…", "outputsMerkleRoot": "0x…"}: what somebody says of the state or the
outputs after input n. One of the two roots is enough. Input -1 is before the first: its root, the
genesis root, says under which machine key the claims were made, and is looked at before all others.

Without it, everything comes from the chain, as of one block: the inputs, compared with the
InputBox's hash of each; the accepted claims; the executed outputs. No node is asked.

Verified means: every claim, input and executed output is what the re-execution gives, and a scan
of all rows in the end gives the state's root. Under another machine key every root is another: the
key is proved by the application's template hash, by the genesis root, or by a claim that holds.
Exit code 0: verified, or nothing to compare with. 1: a claim, an input or an executed output is
wrong; the first one is shown. 2: could not tell, or the machine key is another's.

Examples:
  $ tallyroll replay --rpc http://127.0.0.1:8545 --app 0x… --json
  $ tallyroll replay --to-block 5000 --snapshot state.sqlite
  $ tallyroll replay --inputs history.jsonl
  $ tallyroll replay --inputs history.jsonl --claims claims.jsonl --json
  $ tallyroll encode --csv weather.csv --batch 128 | tallyroll replay --inputs - --reports
  $ tallyroll replay --inputs history.jsonl --snapshot state.sqlite && sqlite3 state.sqlite .tables`;

export function addReplayCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local(
      "replay",
      "re-execute everything from the beginning, from the chain or a file, and check it",
    )
    .with(addReplayOptions)
    .help(HELP)
    .run(async ({ options }) => {
      terminal.exitCode = await runReplay(options, terminal);
    });
}

async function runReplay(options: ReplayOptions, terminal: Terminal): Promise<ExitCode> {
  const { inputs, claims, rpc, app, toBlock, snapshot } = options;
  if (inputs !== undefined && (rpc ?? app ?? toBlock) !== undefined) {
    throw new InvalidArgumentError("Give either --inputs, or --rpc, --app and --to-block.");
  }
  if (inputs === undefined && claims !== undefined) {
    throw new InvalidArgumentError("--claims goes with --inputs: a chain has its own claims.");
  }
  if (inputs === "-" && claims === "-") {
    throw new InvalidArgumentError("Only one of --inputs and --claims can be standard input.");
  }
  if (snapshot !== undefined) requireNoFile(snapshot, terminal.io);
  return inputs === undefined
    ? await replayFromChain(options, terminal)
    : await replayFile({ ...options, inputs }, terminal);
}
