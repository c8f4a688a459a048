import { isInRange } from "../../spec/batch-range.ts";
import { openEnvelope } from "../../spec/envelope.ts";
import { decodeEvmAdvance } from "../../spec/evm-advance.ts";
import type { InputContext } from "../../spec/input.ts";
import { decodeOperation } from "../../spec/operation-codec.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import { isRefused } from "../../spec/refusals.ts";
import { type OpenedSubmission, openUnverified } from "../../spec/submission.ts";
import { equalBytes } from "../../spec/words.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import type { BatchRow, StreamRow } from "./store.ts";

/** The query of what the state has given up and the chain has not (spec §3.8, §9). */
export const ARCHIVE_QUERIES = { archived_batch: readArchivedBatch } satisfies Partial<Queries>;

type Asked = AskedOf<"archived_batch">;

/**
 * A batch from the input that carried it. Nothing of the input is believed: what layer 2 holds is
 * the batch's only if its hash is the row's, or leads to the range's root.
 */
function readArchivedBatch(parts: EngineParts, asked: Asked): AnswerOf<"archived_batch"> {
  const { store } = parts;
  const { at, body } = readSubmission(parts, asked);
  const { streamId, firstSequence } = body;
  const stream = store.streams.get(streamId);
  if (stream === undefined) throw queryError("stream_not_found", "no such stream");
  const row = store.batches.list(
    { streamId },
    { by: "firstSequence", from: { downFrom: firstSequence }, limit: 1 },
  )[0];
  const isFolded = row?.firstSequence !== firstSequence;
  const opened = isFolded
    ? openFolded(parts, asked, at, body, stream)
    : openKnown(parts, row, at, body, stream);
  return {
    batchId: isFolded ? asked.batchId : row.batchId,
    ...{ streamId, firstSequence, epoch: body.epoch, readingCount: body.count },
    ...opened,
    batchKey: opened.openingKey,
    isFolded,
  };
}

/** The submission that the asker names, and what the chain says of its input. */
function readSubmission(
  { crypto, machine }: EngineParts,
  asked: Asked,
): { readonly at: InputContext; readonly body: BodyOf<"submit"> } {
  const decoded = decodeEvmAdvance(asked.input);
  if (decoded === undefined) {
    throw queryError("input_malformed", "it is not an EvmAdvance call, as the InputBox emits it");
  }
  const { at, payload } = decoded;
  const list = openEnvelope(crypto, payload, machine.secret, machine.key, at);
  if (isRefused(list)) {
    const { refusal } = list;
    throw queryError("input_refused", "its envelope is refused: {refusal}", { refusal });
  }
  const { operation } = asked;
  const item = list[operation];
  const decodedItem = item === undefined ? undefined : decodeOperation(item);
  if (decodedItem === undefined || isRefused(decodedItem) || decodedItem.body.kind !== "submit") {
    const sentence = "operation {operation} of the input is no submission";
    throw queryError("operation_not_submission", sentence, { operation });
  }
  return { at, body: decodedItem.body };
}

/** Of a batch whose row is there. */
function openKnown(
  parts: EngineParts,
  row: BatchRow,
  at: InputContext,
  body: BodyOf<"submit">,
  stream: StreamRow,
): OpenedSubmission {
  const opened = openBatch(parts, at, body, stream, row.previousHash);
  if (equalBytes(opened.batchHash, row.batchHash)) return opened;
  throw notOfInput(row.batchId);
}

/** Of a batch that the asker says has folded. */
function openFolded(
  parts: EngineParts,
  asked: Asked,
  at: InputContext,
  body: BodyOf<"submit">,
  stream: StreamRow,
): OpenedSubmission {
  if (!asked.has("batchId")) throw queryError("batch_not_found", "no such batch");
  const { batchId, disprovedGroup, leafIndex, path } = asked;
  const opened = openBatch(parts, at, body, stream, asked.previousHash);
  const leaf = { batchId, batchHash: opened.batchHash, disprovedGroup: disprovedGroup ?? null };
  const range = parts.store.streamRanges.get(stream.streamId);
  if (range !== undefined && isInRange(parts.crypto, range, leaf, leafIndex, path)) return opened;
  const sentence = "the path does not lead from batch {batch_id} to its stream's range";
  throw queryError("path_wrong", sentence, { batch_id: batchId });
}

function openBatch(
  { crypto, machine, store }: EngineParts,
  { chainId, app }: InputContext,
  body: BodyOf<"submit">,
  stream: StreamRow,
  previousHash: Uint8Array,
): OpenedSubmission {
  const opened = openUnverified(crypto, machine, {
    ...body,
    ...{ chainId, app, previousHash },
    ...{ deviceId: stream.deviceId, groupCount: stream.groupCount },
    isSealed: stream.visibility === "sealed",
    metrics: store.getMetrics(stream.streamId),
  });
  if (!isRefused(opened)) return opened;
  const { refusal } = opened;
  throw queryError("submission_refused", "the submission is refused: {refusal}", { refusal });
}

const notOfInput = (batchId: number) =>
  queryError("batch_not_of_input", "the submission is not batch {batch_id}", {
    batch_id: batchId,
  });
