import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { DataFileError } from "../../files/data-file-error.ts";
import { requireMetrics } from "../../files/declare-metrics.ts";
import { formatNotes, formatUnderstanding } from "../../files/understanding.ts";
import { connectActor } from "../connection/online.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type FittedFile, UploadTargetError } from "./find-streams.ts";
import { type LoadedFile, loadFile, requireKeyGroups } from "./reading-options.ts";
import { fitLoaded } from "./run-submit.ts";
import type { SubmitSettings } from "./submit-options.ts";

/**
 * Shows what a file is understood as, and what the account's streams make of it where they can be
 * asked; sends nothing.
 *
 * @throws ClientError for what an upload would refuse.
 */
export async function showDryRun(settings: SubmitSettings, terminal: Terminal): Promise<void> {
  const loaded = await loadFile(settings, terminal);
  try {
    await terminal.print(await describeDryRun(loaded, settings, terminal));
  } finally {
    loaded.close();
  }
}

async function describeDryRun(
  loaded: LoadedFile,
  settings: SubmitSettings,
  terminal: Terminal,
): Promise<string> {
  const { summary } = loaded.understood;
  requireKeyGroups(settings, loaded.understood);
  const fitted = await compare(loaded, settings, terminal);
  const isCompared = typeof fitted !== "string";
  if (!isCompared) requireNew(loaded, terminal);
  if (settings.json) {
    const declared = isCompared
      ? { newStreams: fitted.undeclared.length, notes: fitted.notes }
      : null;
    return formatJson({ ...summary, declared });
  }
  const text = `Not compared with streams there are: ${fitted}`;
  const lines = isCompared
    ? [...formatNotes(fitted.notes), describeStreams(fitted, summary.devices.count)]
    : formatNotes([{ kind: "not_compared", text }]);
  const end = ["Nothing was sent (--dry-run).", ""];
  return [...formatUnderstanding(summary), ...lines, ...end].join("\n");
}

/** The streams' word, or why they could not be asked: that is not the file's fault. */
async function compare(
  loaded: LoadedFile,
  settings: SubmitSettings,
  terminal: Terminal,
): Promise<FittedFile | string> {
  try {
    return await fitLoaded(await connectActor(settings, terminal), loaded);
  } catch (error) {
    const isOfTheFile = error instanceof DataFileError || error instanceof UploadTargetError;
    if (isOfTheFile || !(error instanceof ClientError)) throw error;
    return error.shortMessage;
  }
}

function requireNew({ understood }: LoadedFile, terminal: Terminal): void {
  const columns = understood.devices.map((device) => device.columns);
  if (columns.flat().some(({ plan }) => plan.refusal !== undefined)) {
    terminal.note("A stream that exists reads columns as it declares them; a new one does not:");
  }
  requireMetrics(understood.rules, columns);
}

function describeStreams({ undeclared }: FittedFile, deviceCount: number): string {
  const known = deviceCount - undeclared.length;
  const fresh = `${countOf(undeclared.length, "stream")} would be declared`;
  return known === 0 ? `${fresh}.` : `${fresh}; ${countOf(known, "device")} had one before.`;
}
