import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { DataFileError } from "../../files/data-file-error.ts";
import { formatNotes, formatUnderstanding } from "../../files/format-understanding.ts";
import { requireMetrics } from "../../files/list-metrics.ts";
import { connectActor } from "../connection/online.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UploadTargetError } from "./find-streams.ts";
import type { FittedFile } from "./fit-streams.ts";
import { type LoadedFile, requireKeyGroups } from "./load-file.ts";
import { fitLoaded } from "./run-submit.ts";
import type { SubmitSettings } from "./submit-command.ts";

/**
 * Shows what a file is understood as, and what the account's streams make of it where they can be
 * asked; sends nothing.
 *
 * @throws ClientError for what an upload would refuse.
 */
export async function showDryRun(
  loaded: LoadedFile,
  settings: SubmitSettings,
  terminal: Terminal,
): Promise<void> {
  const { summary } = loaded.understood;
  requireKeyGroups(settings, loaded.understood);
  const fitted = await compare(loaded, settings, terminal);
  if (typeof fitted === "string") requireNew(loaded, terminal);
  const isCompared = typeof fitted !== "string";
  if (settings.json) {
    const { undeclared = [], notes = [] } = isCompared ? fitted : {};
    const declared = isCompared ? { newStreams: undeclared.length, notes } : null;
    await terminal.print(formatJson({ ...summary, declared }));
    return;
  }
  const lines = isCompared
    ? [...formatNotes(fitted.notes), describeStreams(fitted, summary.devices.count)]
    : formatNotes([
        { kind: "not_compared", text: `Not compared with streams there are: ${fitted}` },
      ]);
  const shown = [...formatUnderstanding(summary), ...lines, "Nothing was sent (--dry-run).", ""];
  await terminal.print(shown.join("\n"));
}

/** The streams' word, or why they could not be asked: that is no fault of the file. */
async function compare(
  loaded: LoadedFile,
  settings: SubmitSettings,
  terminal: Terminal,
): Promise<FittedFile | string> {
  try {
    const online = await connectActor(settings, terminal);
    return await fitLoaded({ online }, loaded, settings);
  } catch (error) {
    const isOfTheFile = error instanceof DataFileError || error instanceof UploadTargetError;
    if (isOfTheFile || !(error instanceof ClientError)) throw error;
    return error.shortMessage;
  }
}

function requireNew({ understood }: LoadedFile, terminal: Terminal): void {
  const { rules, devices, metricsOf } = understood;
  const columns = devices.flatMap(metricsOf);
  if (columns.some(({ plan }) => plan.refusal !== undefined)) {
    terminal.note("A stream that exists reads columns as it declares them; a new one does not:");
  }
  requireMetrics(rules, columns);
}

function describeStreams({ undeclared }: FittedFile, deviceCount: number): string {
  const known = deviceCount - undeclared.length;
  const fresh = `${countOf(undeclared.length, "stream")} would be declared`;
  return known === 0 ? `${fresh}.` : `${fresh}; ${countOf(known, "device")} had one before.`;
}
