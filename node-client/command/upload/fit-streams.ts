import type { Metric } from "../../../spec/readings.ts";
import type { StreamInfo } from "../../client/actions/stream-queries.ts";
import type { Note } from "../../files/data-table.ts";
import {
  type MetricColumn,
  requireMetrics,
  type UnderstoodDevice,
} from "../../files/declare-metrics.ts";
import type { ScannedDevice } from "../../files/file-scan.ts";
import { fitMetrics } from "../../files/fit-metrics.ts";
import type { ColumnsByDevice } from "../../files/reading-store.ts";
import type { UnderstoodFile } from "../../files/understand-file.ts";
import { mergeNotes } from "../../files/understanding.ts";
import { declaredOtherwise, lookUpAll, type UploadTarget } from "./find-streams.ts";

/** A file's columns as the streams have them, and as new ones will. */
export interface FittedFile {
  readonly columnsOf: ColumnsByDevice;
  /** Devices whose streams are to be declared. */
  readonly undeclared: readonly string[];
  /** What existing declarations change. */
  readonly notes: readonly Note[];
}

/**
 * Looks up the streams of a file's devices: what was declared decides, for new ones the file does.
 *
 * @throws UploadTargetError where options contradict a declaration, DataFileError where cells do.
 */
export async function fitStreams(target: UploadTarget, file: UnderstoodFile): Promise<FittedFile> {
  const columns = new Map<string, readonly MetricColumn[]>();
  const undeclared: string[] = [];
  const notes: Note[] = [];
  const counted = new Set<ScannedDevice["stats"]>();
  const devices = file.devices.values();
  const names = file.devices.map(({ name }) => name);
  for await (const { stream } of lookUpAll(target, names)) {
    const device = devices.next().value!;
    if (stream === undefined) {
      columns.set(device.name, withGroups(target, device.columns));
      if (device.columns.length > 0) undeclared.push(device.name);
      continue;
    }
    requireSameOptions(target, file, device, stream);
    const fitted = fitMetrics(file, device, stream.metrics);
    columns.set(device.name, fitted.columns);
    // Cells that all devices share are counted once.
    const isCounted = counted.has(device.stats);
    counted.add(device.stats);
    notes.push(...fitted.notes.filter(({ count }) => count === undefined || !isCounted));
  }
  requireMetrics(file.rules, columns.values());
  return { columnsOf: columns, undeclared, notes: mergeNotes(notes) };
}

function withGroups(
  { keyGroups }: UploadTarget,
  columns: readonly MetricColumn[],
): readonly MetricColumn[] {
  const groups = columns.length === 0 ? [] : keyGroups?.(columns.map(({ metric }) => metric));
  return columns.map((column, m) => ({
    ...column,
    metric: { ...column.metric, group: groups?.[m] ?? 0 },
  }));
}

/** Whoever asks for something else than was declared has to hear that they do not get it. */
function requireSameOptions(
  target: UploadTarget,
  file: UnderstoodFile,
  device: UnderstoodDevice,
  stream: StreamInfo,
): void {
  const { keyGroups } = target;
  const { header } = file.rules.table;
  const { texts = [], scales = {} } = file.options;
  const isSealedOtherwise =
    keyGroups !== undefined &&
    (!stream.isSealed ||
      keyGroups(stream.metrics).some((group, m) => group !== stream.metrics[m]?.group));
  const isOtherwise = device.columns.some(({ metric, index, plan }) => {
    const declared = stream.metrics.find(({ name }) => name === metric.name);
    const isNamed = (name: string): boolean => name === metric.name || name === header[index];
    const isScaled = Object.keys(scales).some(isNamed);
    if (declared === undefined) return false;
    if (texts.some(isNamed) && plan.isExact) return declared.kind !== "text";
    return isScaled && !isSameScale(declared, metric);
  });
  if (isSealedOtherwise || isOtherwise) throw declaredOtherwise(target, device.name, stream);
}

const isSameScale = (declared: Metric, { kind, scale }: Metric): boolean =>
  declared.kind === kind && declared.scale === scale;
