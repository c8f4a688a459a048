import { countOf } from "../../count-of.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { UploadResult } from "./run-upload.ts";

/** An upload's result under `--json`. */
export function toResultJson(
  upload: string,
  { acceptedCount, knownCount, inputCount, payloadBytes, streams }: UploadResult,
): string {
  return formatJson({
    ...{ upload, readings: acceptedCount, alreadyIn: knownCount, inputs: inputCount },
    ...{ payloadBytes, streams },
  });
}

/** An upload's result in words. */
export function describeResult({
  acceptedCount,
  knownCount,
  inputCount,
  streams,
}: UploadResult): string {
  const ids = streams.map(({ streamId }) => streamId);
  const where =
    ids.length === 1
      ? `stream ${ids[0]}`
      : `${countOf(ids.length, "stream")} (${ids.slice(0, 8).join(", ")}${ids.length > 8 ? ", …" : ""})`;
  const before = knownCount === 0 ? "" : ` (${knownCount} in before)`;
  const readings = `${countOf(acceptedCount, "reading")} ${acceptedCount === 1 ? "is" : "are"}`;
  const sent = `${countOf(inputCount, "input")} sent`;
  return `${readings} in ${where}${before}; ${sent}${describeBatches(streams)}\n`;
}

const RANGES_MAX = 8;

/** "; batches 3 to 12, 14": what can be delivered by its number. */
function describeBatches(streams: UploadResult["streams"]): string {
  const ids = streams.flatMap(({ batchIds }) => batchIds).sort((a, b) => a - b);
  if (ids.length === 0) return "";
  const ranges: { readonly first: number; last: number }[] = [];
  for (const id of ids) {
    const range = ranges.at(-1);
    if (range !== undefined && id === range.last + 1) range.last = id;
    else ranges.push({ first: id, last: id });
  }
  const shown = ranges
    .slice(0, RANGES_MAX)
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  const more = ranges.length > RANGES_MAX ? ", …" : "";
  return `; ${ids.length === 1 ? "batch" : "batches"} ${shown.join(", ")}${more}`;
}
