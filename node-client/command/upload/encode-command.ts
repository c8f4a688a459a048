import { type Command, InvalidArgumentError, Option } from "commander";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { HistoryBuyer } from "../../history/encode-history.ts";
import {
  dataFolderOption,
  jsonOption,
  parseAddress,
  parseBytes,
  parseSender,
  parseWhole,
  splitPair,
} from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addReadingOptions, FILES_HELP } from "./reading-options.ts";
import { type EncodeSettings, runEncode } from "./run-encode.ts";

/** The first account of a development chain such as anvil; its key is not a secret. */
const OWNER_DEFAULT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const APP_DEFAULT = `0x${"aa".repeat(20)}`;
const CHAIN_ID_DEFAULT = 31_337;

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
  addReadingOptions(program.command("encode"))
    .description("turn a CSV file of readings into a whole history, without a chain")
    .requiredOption(
      "--batch <n>",
      `readings a batch, 1 to ${READINGS_PER_INPUT_MAX}`,
      parseWhole(1, READINGS_PER_INPUT_MAX),
    )
    .option(
      "--buyer <address=key>",
      "grant everything to this account and X25519 public key; repeat it",
      collectBuyer,
      [],
    )
    .addOption(
      new Option("--owner <address>", "owns the devices and sends the inputs")
        .default(parseAddress(OWNER_DEFAULT), `${OWNER_DEFAULT}, anvil's first account`)
        .argParser(parseSender),
    )
    .option("--chain-id <n>", "of the chain", parseWhole(1, 2 ** 53 - 1), CHAIN_ID_DEFAULT)
    .addOption(
      new Option("--app <address>", "the application's contract")
        .default(parseAddress(APP_DEFAULT), APP_DEFAULT)
        .argParser(parseAddress),
    )
    .option(
      "--batches-per-input <n>",
      `batches in one input, as far as they fit, up to ${READINGS_PER_INPUT_MAX} readings`,
      parseWhole(1, SIGNATURES_MAX),
      1,
    )
    .option(
      "--seed <text>",
      "the same bytes for the same readings; whoever knows it knows every key",
    )
    .option("--keys <file>", "keep the devices' secrets and epoch keys in a new file")
    .option(
      "--machine-public-key <hex>",
      "seal to this machine (default: the one whose secret is kept here)",
      parseBytes(32, "the machine's X25519 public key"),
    )
    .addOption(dataFolderOption())
    .addOption(jsonOption("print the summary, on standard error, as one JSON object"))
    .addHelpText("after", HELP)
    .action(async (settings: EncodeSettings) => {
      terminal.exitCode = await runEncode(settings, terminal);
    });
}

function collectBuyer(text: string, buyers: readonly HistoryBuyer[]): HistoryBuyer[] {
  const [address, digits] = splitPair(text, "a buyer and their key: ADDRESS=X25519PUBLICKEY");
  const account = parseSender(address);
  const key = parseBytes(32, "the buyer's X25519 public key")(digits);
  if (buyers.some((other) => Buffer.compare(other.account, account) === 0)) {
    throw new InvalidArgumentError("The buyer is named twice.");
  }
  return [...buyers, { account, key }];
}
