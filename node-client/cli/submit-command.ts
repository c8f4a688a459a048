import type { Command } from "commander";
import { READINGS_PER_INPUT_MAX } from "../../spec/limits.ts";
import type { ExitCode, Io } from "./io.ts";
import { type ActorOptions, addActorOptions } from "./online.ts";
import { parseBytes, parseWhole } from "./parse-arguments.ts";
import { addReadingOptions, type ReadingSettings } from "./reading-options.ts";
import { runSubmit } from "./run-submit.ts";
import type { Terminal } from "./terminal.ts";

/** What `tallyroll submit` was asked for. */
export interface SubmitSettings extends ReadingSettings, ActorOptions {
  readonly batch: number;
  readonly inFlight: number;
  readonly newUpload: boolean;
  readonly machinePublicKey?: Uint8Array;
}

const HELP = `
Every device of the id column gets a key and a stream, as with \`tallyroll encode\`; devices and
streams that the account has already are used. Keys are kept in the data folder, under devices/,
before anything is sent: back them up. Nothing is asked, so that scripts can call it.

An upload that was interrupted, by whatever, goes on where it was when the same command is run
again: what the application has already is recognised, and no reading gets in twice. What was sent
is written down in the data folder, under uploads/.

A file that has grown may be sent again: where a device's rows begin with exactly the rows that are
in, only those behind them are sent. Any other file adds its rows to the streams, such as one a day;
it is refused where a row lies at a time of which an earlier upload of this data folder has brought
readings into the stream, because those would be in twice. --new-upload sends it all the same.

The batches are sealed to the machine's key, as the node tells it. Where the node is not yours, have
it checked by --machine-public-key: whoever makes you seal to his own key reads your readings.

Examples:
  $ tallyroll submit --csv weather.csv --dev-account 0
  $ tallyroll submit --csv weather.csv --keystore owner.json --columns temperature_celsius,wind_speed_kmh \\
      --scale wind_speed_kmh=1
  $ tallyroll submit --csv - --sealed --stream-name roof --json < weather.csv`;

/** `tallyroll submit`: a CSV file into the application. */
export function addSubmitCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addActorOptions(addReadingOptions(program.command("submit")))
    .description("send a CSV file of readings; goes on where it was after an interruption")
    .option(
      "--batch <n>",
      `readings a batch, 1 to ${READINGS_PER_INPUT_MAX}`,
      parseWhole(1, READINGS_PER_INPUT_MAX),
      128,
    )
    .option("--in-flight <n>", "inputs on their way at once", parseWhole(1, 256), 8)
    .option("--new-upload", "send the file from its first row, also what may be in already", false)
    .option(
      "--machine-public-key <hex>",
      "refuse to seal to any other key than this",
      parseBytes(32, "the machine's X25519 public key"),
    )
    .addHelpText("after", HELP)
    .action(async (settings: SubmitSettings) => exit(await runSubmit(settings, io, terminal)));
}
