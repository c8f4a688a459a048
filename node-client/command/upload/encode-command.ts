import type { Command } from "commander";
import { CommandGroup } from "../operation/command-group.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addEncodeOptions } from "./encode-options.ts";
import { FILES_HELP } from "./reading-options.ts";
import { runEncode } from "./run-encode.ts";

const HELP = `${FILES_HELP}

Writes a whole history to standard output, one JSON input a line: registrations and declarations,
then with --buyer the buyers' keys and grants, then the batches of all devices in turn. Block and
time count up from 1 and 1700000000. A summary goes to standard error.

Every device of the file gets a key and a stream. Columns of decimal numbers become integers with as
many decimals as the cells have, unless --scale says otherwise; others become text; empty cells, and
words such as NaN or unavailable, become null. What had to be decided is said on standard error.

A sealed stream hides its values from the machine too; they open with the key of their key group, so
metrics of one group are sold together. --sealed makes one group: a reading is sold whole.
--key-groups divides the metrics: "A,B|C|*" makes three groups, the last of all other metrics;
"each" makes one a metric. Write \\, and \\| for these characters in a name.

--buyer registers the buyer's X25519 key and grants all key groups of all streams until 2100.

Examples:
  $ tallyroll encode --csv weather.csv --batch 128 --scale '*=2' > history.jsonl
  $ tallyroll encode --csv weather.csv --batch 128 --columns temperature_celsius,wind_speed_kmh \\
      --scale wind_speed_kmh=1 --keys keys.json > history.jsonl
  $ tallyroll encode --csv - --batch 64 --sealed < weather.csv | tallyroll replay --inputs -
  $ tallyroll encode --csv weather.csv --batch 128 --key-groups "temperature_celsius|*" \\
      --buyer 0x70997970C51812dc3A010C7d01b50e0d17dc79C8=\${BUYER_X25519_PUBLIC_KEY} > history.jsonl`;

export function addEncodeCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("encode", "turn a CSV file of readings into a whole history, without a chain")
    .with(addEncodeOptions)
    .help(HELP)
    .run(({ options }) => runEncode(options, terminal));
}
