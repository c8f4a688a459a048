import { createHash } from "node:crypto";
import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { Hear } from "../../files/byte-source.ts";
import { type UnderstoodFile, understandFile } from "../../files/understand-file.ts";
import { formatBytes } from "../connection/data-folder-usage.ts";
import { parseKeyGroups } from "../device/key-groups.ts";
import type { Io } from "../terminal/io.ts";
import { type OpenDataFile, openDataFile } from "../terminal/open-data-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type ReadingSettings, toReadOptions } from "./reading-options.ts";

/** A data file that was looked through once: nothing of it would be refused. */
export interface LoadedFile {
  /** For messages. */
  readonly file: string;
  readonly understood: UnderstoodFile;
  /** SHA-256 of its content, unpacked. */
  readonly hash: Hex;
  /** Shows how far a second look is. */
  readonly hear: Hear;
  close(): void;
}

/**
 * Looks a data file through, with progress.
 *
 * @throws DataFileError and other ClientErrors that name the file, line and column.
 */
export async function loadFile(
  settings: ReadingSettings,
  io: Io,
  terminal: Terminal,
): Promise<LoadedFile> {
  const source = await openDataFile(settings.csv, io);
  try {
    const options = toReadOptions(settings, source.file);
    let hash = createHash("sha256");
    const seen = watchProgress(source, "looking through", terminal);
    const understood = understandFile(source, options, (chunk, isFirst) => {
      if (isFirst) hash = createHash("sha256");
      hash.update(chunk);
      seen(chunk, isFirst);
    });
    terminal.endProgress();
    return {
      ...{ file: source.file, understood, hash: `0x${hash.digest("hex")}` },
      hear: watchProgress(source, "reading", terminal),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function watchProgress({ file, sizeBytes }: OpenDataFile, verb: string, terminal: Terminal): Hear {
  let doneBytes = 0;
  return (chunk, isFirst) => {
    doneBytes = (isFirst ? 0 : doneBytes) + chunk.length;
    terminal.progress(() => {
      const part = sizeBytes ? ` ${Math.floor((100 * doneBytes) / sizeBytes)}%` : "";
      return `${verb} ${file}:${part} (${formatBytes(doneBytes)})`;
    });
  };
}

/** The key group of each metric of a sealed stream; `undefined` where the streams are open. */
export function findKeyGroups({
  keyGroups,
  sealed,
}: ReadingSettings): ((metrics: readonly Metric[]) => number[]) | undefined {
  if (keyGroups !== undefined) return (metrics) => parseKeyGroups(keyGroups, metrics);
  return sealed ? (metrics) => metrics.map(() => 0) : undefined;
}

/**
 * Refuses key groups that do not divide the metrics of every device, before anything is done.
 *
 * @throws KeyGroupsError
 */
export function requireKeyGroups(settings: ReadingSettings, file: UnderstoodFile): void {
  const groupsOf = findKeyGroups(settings);
  for (const { columns } of file.devices) {
    if (columns.length > 0) groupsOf?.(columns.map(({ metric }) => metric));
  }
}
