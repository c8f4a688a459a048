import { READINGS_PER_INPUT_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { addActorOptions, type OnlineActor } from "../connection/online.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseBytes, parseWhole } from "../options/parse-arguments.ts";
import { addReadingOptions } from "./reading-options.ts";

/** A block takes about as long on a development chain. */
const FOLLOW_MS = 1_000;

export const addSubmitOptions = shareOptions((command) =>
  command
    .with(addReadingOptions)
    .with(addActorOptions)
    .option(
      "--batch <n>",
      `readings a batch, 1 to ${READINGS_PER_INPUT_MAX}`,
      parseWhole(1, READINGS_PER_INPUT_MAX),
      128,
    )
    .option("--in-flight <n>", "inputs on their way at once", parseWhole(1, 256), 8)
    .flag("--follow", "send what standard input brings, as it comes, until its end")
    .option(
      "--every <ms>",
      "with --follow: what comes within this time goes together",
      parseWhole(0, 3_600_000),
      FOLLOW_MS,
    )
    .flag("--dry-run", "show what the file is understood as, and send nothing")
    .flag("--yes", "declare new streams without asking")
    .flag("--new-upload", "send the file from its first row, also what may be in already")
    .option(
      "--machine-public-key <hex>",
      "refuse to seal to any other key than this",
      parseBytes(32, "the machine's X25519 public key"),
    ),
);
export type SubmitSettings = OptionsIn<typeof addSubmitOptions>;

/** Who uploads, and how. */
export interface Uploader extends OnlineActor {
  readonly options: SubmitSettings;
}

/** An uploader with what an upload needs besides. */
export interface UploadSession extends Uploader {
  /** The machine's, that batches are sealed to. */
  readonly machineKey: Hex;
  /** Of the journals. */
  readonly folder: string;
  /** Takes what is said of the file beside its readings. */
  readonly note: (line: string) => void;
}
