import { ClientError } from "../errors.ts";
import { quoteWord } from "./quote-word.ts";
import type { SubmitSettings } from "./submit-command.ts";

/** Something that is followed is given as a file is. */
export class FollowError extends ClientError {
  override readonly name = "FollowError";
}

/**
 * Refuses what does not go together with `--follow`.
 *
 * @throws FollowError that says what to give.
 */
export function requireFollowable({
  csv,
  dryRun,
  newUpload,
  device,
  deviceColumn,
  long,
  format,
}: SubmitSettings) {
  if (csv !== "-") {
    const whose =
      deviceColumn === undefined
        ? `--device ${quoteWord(device ?? "NAME")}`
        : `--device-column ${quoteWord(deviceColumn)}`;
    throw new FollowError(`--follow reads standard input, and --csv names ${csv}.`, {
      whatToDo:
        `Pipe the file into it: \`tail -n +1 -F ${quoteWord(csv)} | tallyroll submit --csv - --follow ` +
        `${whose}\`.`,
    });
  }
  const odd = dryRun ? "--dry-run" : newUpload ? "--new-upload" : undefined;
  if (odd !== undefined) {
    throw new FollowError(`${odd} is about a whole file, which is not there with --follow.`, {
      whatToDo: `Leave ${odd} away.`,
    });
  }
  if (format === "senml") {
    throw new FollowError("A SenML pack is more than a line; --follow takes a reading a line.", {
      whatToDo: "Give NDJSON or CSV lines.",
    });
  }
  if (device ?? deviceColumn ?? long) return;
  throw new FollowError("One reading does not show which column tells devices apart.", {
    whatToDo: "Say whose readings these are with --device NAME or --device-column NAME.",
  });
}
