import { createHash } from "node:crypto";
import { join } from "node:path";
import { connectActor } from "../connection/online.ts";
import { quoteWord } from "../options/command-hints.ts";
import { takeKeptLock } from "../terminal/kept-lock.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { FollowedLines } from "./followed-lines.ts";
import { Follower } from "./follower.ts";
import { FollowError } from "./line-reader.ts";
import { describeMapping, openSession } from "./run-submit.ts";
import type { SubmitSettings, Uploader } from "./submit-options.ts";

export async function runFollow(settings: SubmitSettings, terminal: Terminal): Promise<void> {
  requireFollowable(settings);
  const online = await connectActor(settings, terminal);
  const folder = join("followed", nameOf(online));
  const unlock = takeKeptLock(join(online.connection.dataFolder, `${folder}.lock`));
  if (unlock === undefined) {
    throw new FollowError("Another submit --follow with these options is running.", {
      whatToDo: "Wait for its end, or follow another device.",
    });
  }
  try {
    const session = await openSession(online, folder);
    await new Follower(session, new FollowedLines(session.folder)).run();
  } finally {
    unlock();
  }
}

/** What one run leaves is gone on with by a run that would make the same readings of it. */
function nameOf({ client, address, options }: Uploader): string {
  const parts = JSON.stringify([client.chainId, client.app, address, describeMapping(options)]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 24);
}

/** @throws FollowError for what is about a whole file, and where one line says too little. */
function requireFollowable(settings: SubmitSettings): void {
  const { csv, dryRun, newUpload, device, deviceColumn, long, format, encoding } = settings;
  if (csv !== "-") {
    const file = quoteWord(csv);
    const whose =
      deviceColumn === undefined
        ? `--device ${quoteWord(device ?? "NAME")}`
        : `--device-column ${quoteWord(deviceColumn)}`;
    throw new FollowError(`--follow reads standard input, and --csv names ${csv}.`, {
      whatToDo:
        "To send what is added from now on, pipe it: " +
        `\`(head -n 1 ${file}; tail -n 0 -F ${file}) | tallyroll submit --csv - --follow ${whose}\`.`,
    });
  }
  const odd = dryRun ? "--dry-run" : newUpload ? "--new-upload" : undefined;
  if (odd !== undefined) {
    throw new FollowError(`${odd} is about a whole file, which is not there with --follow.`, {
      whatToDo: `Leave out ${odd}.`,
    });
  }
  if (format === "senml") {
    throw new FollowError("A SenML pack is more than a line; --follow takes a reading a line.", {
      whatToDo: "Give NDJSON or CSV lines.",
    });
  }
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    throw new FollowError(`--follow takes lines in UTF-8, not in ${encoding}.`, {
      whatToDo: `Leave out --encoding, and pipe them through \`iconv -f ${encoding} -t utf-8\`.`,
    });
  }
  if (device ?? deviceColumn ?? long) return;
  throw new FollowError("One reading does not show which column tells devices apart.", {
    whatToDo: "Say whose readings these are with --device NAME or --device-column NAME.",
  });
}
