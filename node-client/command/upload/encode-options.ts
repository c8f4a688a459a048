import { InvalidArgumentError } from "commander";
import { READINGS_PER_INPUT_MAX, SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { HistoryBuyer } from "../../history/encode-history.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import {
  addDataFolderOption,
  parseAddress,
  parseBytes,
  parseSender,
  parseWhole,
  splitPair,
} from "../options/parse-arguments.ts";
import { addReadingOptions } from "./reading-options.ts";

/** The first account of a development chain such as anvil; its key is not a secret. */
const OWNER_DEFAULT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const APP_DEFAULT = `0x${"aa".repeat(20)}`;
const CHAIN_ID_DEFAULT = 31_337;

export const addEncodeOptions = shareOptions((command) =>
  command
    .with(addReadingOptions)
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
    .option(
      "--owner <address>",
      "owns the devices and sends the inputs",
      parseSender,
      parseAddress(OWNER_DEFAULT),
      `${OWNER_DEFAULT}, anvil's first account`,
    )
    .option("--chain-id <n>", "of the chain", parseWhole(1, 2 ** 53 - 1), CHAIN_ID_DEFAULT)
    .option(
      "--app <address>",
      "the application's contract",
      parseAddress,
      parseAddress(APP_DEFAULT),
      APP_DEFAULT,
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
    .with(addDataFolderOption)
    .flag("--json", "print the summary, on standard error, as one JSON object"),
);
/** What `tallyroll encode` was asked for, checked but for what only the CSV can tell. */
export type EncodeSettings = OptionsIn<typeof addEncodeOptions>;

function collectBuyer(text: string, buyers: readonly HistoryBuyer[]): HistoryBuyer[] {
  const [address, digits] = splitPair(text, "a buyer and their key: ADDRESS=X25519PUBLICKEY");
  const account = parseSender(address);
  const key = parseBytes(32, "the buyer's X25519 public key")(digits);
  if (buyers.some((other) => Buffer.compare(other.account, account) === 0)) {
    throw new InvalidArgumentError("The buyer is named twice.");
  }
  return [...buyers, { account, key }];
}
