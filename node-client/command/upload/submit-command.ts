import type { Command } from "commander";
import { CommandGroup } from "../operation/command-group.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { showDryRun } from "./dry-run.ts";
import { FILES_HELP } from "./reading-options.ts";
import { runFollow } from "./run-follow.ts";
import { runSubmit } from "./run-submit.ts";
import { addSubmitOptions } from "./submit-options.ts";

const HELP = `${FILES_HELP}

Every device of the file gets a key and a stream, as with \`tallyroll encode\`. Devices and streams
that the account already has are used, and what they declare decides: columns may come in another
order or be missing, and a new one is named and not sent. Keys are kept in the data folder, under
devices/, before anything is sent: back them up. A declaration is for good, so the command asks
before it declares; with --yes, which scripts need, it does not.

An interrupted upload goes on where it stopped when the same command is run again: what the
application already has is recognised, and no reading gets in twice. What was sent is written down
in the data folder, under uploads/.

A file that has grown may be sent again: where a device's rows begin with exactly the rows that are
in, only those after them are sent. Any other file adds its rows to the streams, such as one a day.
It is refused where a row has a time for which an earlier upload of this data folder has brought
readings into the stream: those would be in twice. --new-upload sends it all the same.

With --follow, standard input is not read to its end first: one line is one reading, after a CSV's
header, and is sent as it comes; --device or --device-column says whose. Declare the stream before, or
give --scale and --yes: one reading does not show how many decimals others have. What was read is on
the disk at once, under followed/, and sent by the next run where this one is killed or interrupted. A
line that is not a reading is named and left out; lines wait while the chain or the node is away. Lines
that are given again are sent again.

The batches are sealed to the machine's key, as the node reports it. Where the node is not
yours, check it with --machine-public-key: whoever makes you seal to their own key can read your
readings.

Examples:
  $ tallyroll submit --csv weather.csv --dry-run
  $ tallyroll submit --csv weather.csv --yes --dev-account 0
  $ tallyroll submit --csv history.csv --preset home-assistant --keystore owner.json
  $ tallyroll submit --csv loft.csv --device loft --time-zone Europe/Paris --null -999 --keystore owner.json
  $ tallyroll submit --csv weather.csv --keystore owner.json --columns temperature_celsius,wind_speed_kmh \\
      --scale wind_speed_kmh=1
  $ tallyroll submit --csv - --sealed --stream-name roof --yes --json --dev-account 0 < weather.csv
  $ mosquitto_sub -t sensors/roof | tallyroll submit --csv - --follow --device roof --keystore owner.json`;

export function addSubmitCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("submit", "send a file of readings; goes on where it was after an interruption")
    .with(addSubmitOptions)
    .help(HELP)
    .run(({ options }) => {
      const run = options.follow ? runFollow : options.dryRun ? showDryRun : runSubmit;
      return run(options, terminal);
    });
}
