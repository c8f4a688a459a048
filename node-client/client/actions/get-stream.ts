import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import { fromMetricAnswer, type MetricAnswer } from "../buyer/from-answers.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface StreamSummaryAnswer {
  readonly stream_id: number;
  readonly device_id: number;
  readonly name: string;
  readonly visibility: "open" | "sealed";
  readonly group_count: number;
  readonly epoch: number;
  readonly next_sequence: number;
  readonly batch_count: number;
  readonly reading_count: number;
  readonly break_count: number;
  readonly last_batch_hash: Hex | null;
}

interface StreamDetailAnswer extends StreamSummaryAnswer {
  readonly metrics: readonly MetricAnswer[];
  readonly key_hashes: readonly Hex[];
}

/** A stream without its metrics, as lists give it. */
export interface StreamSummary {
  readonly streamId: number;
  readonly deviceId: number;
  readonly name: string;
  readonly isSealed: boolean;
  readonly groupCount: number;
  /** The current epoch. */
  readonly epoch: number;
  /** The lowest sequence that the next batch may begin with. */
  readonly nextSequence: number;
  readonly batchCount: number;
  readonly readingCount: number;
  /** Batches that declared that the one before them may be lost. */
  readonly breakCount: number;
  /** What the next batch's signature covers; `undefined` before the first. */
  readonly lastBatchHash: Hex | undefined;
}

export interface StreamInfo extends StreamSummary {
  readonly metrics: readonly Metric[];
  /** What the asked epoch published, one a key group; none of an open stream. */
  readonly epochKeyHashes: readonly Hex[];
}

/** By number or by name; `epoch`: whose key hashes to answer, the current one's unless told. */
export type GetStreamOptions = { readonly epoch?: number } & (
  | { readonly streamId: number }
  | { readonly deviceId: number; readonly name: string }
);

/**
 * One stream with its metrics and an epoch's key hashes.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { streamId, nextSequence } = await getStream(client, { deviceId: 1, name: "roof" });
 */
export async function getStream(
  client: Pick<TallyrollClient, "inspect">,
  options: GetStreamOptions,
): Promise<StreamInfo> {
  const place =
    "streamId" in options
      ? { stream_id: options.streamId }
      : { device_id: options.deviceId, name: options.name };
  const epoch = options.epoch === undefined ? {} : { epoch: options.epoch };
  const query = { query: "stream", ...place, ...epoch };
  const answer = await client.inspect<StreamDetailAnswer>(query);
  return {
    ...fromStreamSummary(answer),
    metrics: answer.metrics.map(fromMetricAnswer),
    epochKeyHashes: answer.key_hashes,
  };
}

/** One of the answers to `streams`, or the same part of the answer to `stream`. */
export function fromStreamSummary(answer: StreamSummaryAnswer): StreamSummary {
  return {
    streamId: answer.stream_id,
    deviceId: answer.device_id,
    name: answer.name,
    isSealed: answer.visibility === "sealed",
    groupCount: answer.group_count,
    epoch: answer.epoch,
    nextSequence: answer.next_sequence,
    batchCount: answer.batch_count,
    readingCount: answer.reading_count,
    breakCount: answer.break_count,
    lastBatchHash: answer.last_batch_hash ?? undefined,
  };
}
