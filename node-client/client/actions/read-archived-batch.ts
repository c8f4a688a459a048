import { bytesToHex, hexToBytes } from "viem";
import { computeBatchKeyHash, computeGroupLeaves, deriveColumnKeys } from "../../../spec/batch.ts";
import { decodeOpenBody } from "../../../spec/batch-body.ts";
import { hashBatchLeaf } from "../../../spec/batch-range.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import { computeInclusionProof, computeRoot } from "../../../spec/merkle.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { computeReadingProof, type ReadingProof } from "../../../spec/reading-proof.ts";
import type { Metric } from "../../../spec/readings.ts";
import { equalBytes } from "../../../spec/words.ts";
import { ClientError } from "../../errors.ts";
import { askQuery } from "./ask-query.ts";
import {
  findSubmission,
  type ProvenReading,
  proveFound,
  ReadingUnproven,
  readAcceptedBatch,
  type SubmissionOutput,
} from "./batch-actions.ts";
import { getInput } from "./node-inputs.ts";
import { listOutputs, type OutputInfo } from "./node-outputs.ts";
import { readOutcomes } from "./operation-outcomes.ts";
import type { ClaimWaitOptions } from "./output-on-chain.ts";
import { unlessNotFound } from "./query-refused.ts";
import { getStream } from "./stream-queries.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A batch as the machine found it in the input of the chain that carried it. */
export type ArchivedBatch = InfoOf<"archived_batch">;

/** The node has not what an archived batch is read from, or its answers do not fit together. */
export class ArchivedBatchUnread extends ClientError {
  override readonly name = "ArchivedBatchUnread";

  constructor(batchId: number, problem: string) {
    super(`Batch ${batchId} cannot be read from the chain's input: ${problem}.`, {
      whatToDo: "Try again when the node has caught up, or ask another node.",
    });
  }
}

/**
 * A batch whose body has left the state, from the input of the chain that carried it (spec §3.8).
 * The machine opens the input and compares it with the batch's row. Where the row has folded, the
 * path to its stream's range is made from the notices of all batches before: one pass over them.
 *
 * @throws ArchivedBatchUnread, QueryRefused, and what `requestNode` throws.
 * @example
 * const { body, batchKey } = await readArchivedBatch(client, { batchId: 7 });
 */
export async function readArchivedBatch(
  client: TallyrollClient,
  { batchId }: { readonly batchId: number },
): Promise<ArchivedBatch> {
  return (await findArchived(client, batchId)).archived;
}

/**
 * The proof of one reading of an archived open batch (spec §3.5), made here from its body.
 *
 * @param metrics Of the batch's stream.
 * @throws RangeError for a sealed batch, for a sequence that it has not, and for other metrics.
 * @example
 * const archived = await readArchivedBatch(client, { batchId: 7 });
 * const proof = computeArchivedProof(client.crypto, archived, metrics, archived.firstSequence);
 * verifyReadingProof(client.crypto, commitment, proof); // true
 */
export function computeArchivedProof(
  crypto: Crypto,
  { body, batchKey, firstSequence, readingCount }: ArchivedBatch,
  metrics: readonly Metric[],
  sequence: number,
): ReadingProof {
  const decoded = decodeOpenBody(body, metrics, readingCount);
  if (batchKey === null || decoded === undefined) {
    throw new RangeError("it is no batch of an open stream with these metrics");
  }
  const { saltKey } = deriveColumnKeys(crypto, batchKey);
  const leaves = computeGroupLeaves(crypto, saltKey, decoded.times, decoded.columns);
  const root = crypto.merkleRoot(leaves.leaves, leaves.offsets);
  const group = { keyHash: computeBatchKeyHash(crypto, batchKey), root };
  return computeReadingProof(crypto, [group], 0, leaves, sequence - firstSequence);
}

export interface ProveArchivedReadingOptions extends ClaimWaitOptions {
  readonly batchId: number;
  readonly sequence: number;
}

/**
 * `proveReading` for a reading of an open stream whose batch is archived, its row there or folded.
 *
 * @throws ArchivedBatchUnread, ReadingUnproven, and what `waitForClaim` throws.
 * @example
 * const proven = await proveArchivedReading(client, { batchId: 7, sequence: 700 });
 * await readClaimedReading(client.publicClient, { ...proven, metrics: [0] });
 */
export async function proveArchivedReading(
  client: TallyrollClient,
  { batchId, sequence, ...wait }: ProveArchivedReadingOptions,
): Promise<ProvenReading> {
  const { found, archived } = await findArchived(client, batchId);
  const index = sequence - archived.firstSequence;
  if (index < 0 || index >= archived.readingCount) {
    throw new ReadingUnproven(batchId, `it has no reading of sequence ${sequence}`);
  }
  if (archived.batchKey === null) throw new ReadingUnproven(batchId, "its stream is sealed");
  const { metrics } = await getStream(client, { streamId: archived.streamId });
  const proof = computeArchivedProof(client.crypto, archived, metrics, sequence);
  return proveFound(client, found, { sequence, proof }, wait);
}

interface FoundArchived {
  /** The batch's notice. */
  readonly found: SubmissionOutput;
  readonly archived: ArchivedBatch;
}

async function findArchived(client: TallyrollClient, batchId: number): Promise<FoundArchived> {
  const found = await findSubmission(client, { batchId });
  if (found === undefined) throw new ArchivedBatchUnread(batchId, "the node has no notice of it");
  const { inputIndex } = found.output;
  const { blob: input } = await getInput(client, { inputIndex });
  const place = { input, operation: await findOperation(client, found.output) };
  // What the state knows goes before what the notices say: only a row that is gone needs them.
  const known = await unlessNotFound(askQuery(client, "archived_batch", place), "batch_not_found");
  const archived =
    known ??
    (await askQuery(client, "archived_batch", {
      ...{ ...place, batchId },
      ...(await findPath(client, found)),
    }));
  const { streamId, firstSequence, commitment } = found.batch;
  const isRight =
    archived.batchId === batchId &&
    archived.streamId === streamId &&
    archived.firstSequence === firstSequence &&
    equalBytes(archived.commitment, hexToBytes(commitment));
  if (!isRight) throw new ArchivedBatchUnread(batchId, "the answer is not what its notice says");
  return { found, archived };
}

/** Which operation of its input an output is of, as `StateCommitted` says (spec §7.1). */
async function findOperation(
  client: TallyrollClient,
  { inputIndex, outputIndex }: OutputInfo,
): Promise<number> {
  const outputs: OutputInfo[] = [];
  for await (const output of listOutputs(client, { inputIndex })) outputs.push(output);
  let left = outputs.findIndex((output) => output.outputIndex === outputIndex);
  return readOutcomes({ inputIndex, outputs }).findIndex((outcome) => {
    if (outcome.status === "refused") return false;
    left -= outcome.outputCount;
    return left < 0;
  });
}

/** What proves a batch that has folded: its place among its stream's batches, and the path. */
async function findPath(client: TallyrollClient, { batch }: SubmissionOutput) {
  const { crypto } = client;
  const { streamId, batchId } = batch;
  const { foldedCount, rangeRoot } = await getStream(client, { streamId });
  const batches: { readonly batchId: number; readonly batchHash: Hex }[] = [];
  const disproved = new Map<number, number>();
  for await (const output of listOutputs(client, { kind: "notice" })) {
    if (output.kind !== "notice" || output.notice === undefined) continue;
    const { notice, inputIndex } = output;
    if (notice.name === "BatchDisproved") {
      disproved.set(Number(notice.args.batchId), Number(notice.args.group));
    }
    if (notice.name !== "SubmissionAccepted" || batches.length >= foldedCount) continue;
    const accepted = readAcceptedBatch({ inputIndex, notices: [notice], vouchers: [] });
    if (accepted.streamId === streamId) batches.push(accepted);
  }
  const leaves = batches.map((one) =>
    hashBatchLeaf(crypto, {
      ...{ batchId: one.batchId, batchHash: hexToBytes(one.batchHash) },
      disprovedGroup: disproved.get(one.batchId) ?? null,
    }),
  );
  const leafIndex = batches.findIndex((one) => one.batchId === batchId);
  const isRight =
    leafIndex >= 0 && rangeRoot !== null && equalBytes(computeRoot(crypto, leaves), rangeRoot);
  if (!isRight) throw new ArchivedBatchUnread(batchId, "the notices are not those of the range");
  const path = computeInclusionProof(crypto, leaves, leafIndex).map((hash) => bytesToHex(hash));
  const disprovedGroup = disproved.get(batchId);
  const group = disprovedGroup === undefined ? {} : { disprovedGroup };
  return { previousHash: batch.previousHash, leafIndex, path, ...group };
}
