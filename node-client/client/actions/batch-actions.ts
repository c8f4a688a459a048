import { hexToBytes } from "viem";
import type { Operation } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type ReadingProof, verifyReadingProof } from "../../../spec/reading-proof.ts";
import type { ProvenOutput } from "../../chain/claimed-reading.ts";
import { ClientError } from "../../errors.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { requireSignedBatch } from "../device/signed-batch.ts";
import { type ApplyOptions, applyAuthorized, type OwnFields, readOwn } from "./define-action.ts";
import { fromOutputAnswer, OUTPUT_TYPES, type OutputInfo } from "./node-outputs.ts";
import { listOutcomes, type Told } from "./operation-outcomes.ts";
import { type ClaimWaitOptions, waitForClaim } from "./output-on-chain.ts";
import { sendAndWait } from "./send-and-wait.ts";
import { getReadingProof } from "./stream-queries.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { AppliedAt } from "./wait-for-input.ts";

/** A device signs its batches itself, so that anybody may send them. */
export interface SubmitBatchOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives. */
  readonly operation: Operation;
}

/**
 * Sends one signed batch of a device.
 *
 * @throws BatchNotSigned, before anything is sent, for what is not a device's own batch;
 * OperationRefused: stream_not_found, device_revoked, submission_….
 * @example
 * const { operation } = writer.write(times, columns);
 * const { batchId } = await submitBatch(client, { operation });
 */
export const submitBatch = Object.assign(
  async (client: TallyrollClient, { operation, ...options }: SubmitBatchOptions) => {
    const batch = requireSignedBatch(operation);
    const { notices, vouchers, ...at } = await applyAuthorized(client, batch, options);
    return { ...at, ...readAcceptedBatch({ inputIndex: at.inputIndex, notices, vouchers }) };
  },
  { read: readAcceptedBatch },
);

export interface SubmitBatchesOptions extends Omit<ApplyOptions, "relay"> {
  /** What `StreamWriter.write` gives, in the order in which they were written. */
  readonly operations: readonly Operation[];
}

/** A batch as the application took it in. */
export interface AcceptedBatch
  extends Omit<OwnFields<"submit">, "count" | "firstTime" | "lastTime"> {
  readonly readingCount: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
}

export type BatchOutcome =
  | { readonly status: "accepted"; readonly batch: AcceptedBatch }
  | { readonly status: "refused"; readonly refused: RefusedOperation };

export interface SubmitBatchesResult extends AppliedAt {
  /** One a batch, in order. */
  readonly outcomes: readonly BatchOutcome[];
}

/**
 * Sends several signed batches in one input. Each is accepted or refused by itself, so refusals are
 * values here.
 *
 * @throws BatchNotSigned, before anything is sent, for what is not a device's own batch;
 * OperationRefused where the input was refused as a whole, and what `sendOperations` and
 * `waitForSent` throw.
 * @example
 * const { outcomes } = await submitBatches(client, { operations: [first, second] });
 */
export async function submitBatches(
  client: TallyrollClient,
  { operations, ...options }: SubmitBatchesOptions,
): Promise<SubmitBatchesResult> {
  const batches = operations.map(requireSignedBatch);
  const sending = { ...options, operations: batches };
  const { at, result } = await sendAndWait(client, "The batches were sent", sending);
  const outcomes = listOutcomes(result, batches.length).map((outcome): BatchOutcome => {
    if (outcome.status === "refused") return outcome;
    return { status: "accepted", batch: readAcceptedBatch(outcome) };
  });
  return { ...at, outcomes };
}

/** What the application says of a batch. */
export function readAcceptedBatch(told: Told): AcceptedBatch {
  const { count, firstTime, lastTime, ...batch } = readOwn("submit", told);
  return { ...batch, readingCount: count, firstTimeSec: firstTime, lastTimeSec: lastTime };
}

/** The output that carries a batch's notice. */
export interface SubmissionOutput {
  readonly output: OutputInfo;
  readonly batch: AcceptedBatch;
}

const PAGE_SIZE = 50;

/**
 * The output with the notice SubmissionAccepted of a batch. Numbers of batches rise with the
 * outputs, so it is searched for by halving: some 20 requests among a million outputs.
 *
 * @throws What `requestNode` throws; gives `undefined` where the node has no such output (yet).
 * @example
 * const found = await findSubmission(client, { batchId: 7 });
 */
export async function findSubmission(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { batchId }: { readonly batchId: number },
): Promise<SubmissionOutput | undefined> {
  // Among the notices at [low, high) of the list of all notices, if at all.
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let offset = 0; low < high; offset = Math.floor((low + high) / 2)) {
    let [at, isBehind] = [offset, false];
    while (!isBehind && at < high) {
      const page = await readNotices(client, at);
      high = Math.min(high, page.totalCount);
      const found = page.submissions.find(({ batch }) => batch.batchId >= batchId);
      if (found?.batch.batchId === batchId) return found;
      if (found !== undefined) isBehind = true;
      // Batches on this page, all with lower numbers: the one we look for comes after them.
      else if (page.submissions.length > 0) {
        low = at + page.count;
        break;
      } else if (page.count === 0) isBehind = true;
      else at += page.count;
    }
    // Nothing from `offset` on but higher numbers, or none: it is before, if at all.
    if (isBehind || at >= high) high = Math.min(high, offset);
  }
  return undefined;
}

interface NoticePage {
  readonly submissions: readonly SubmissionOutput[];
  readonly count: number;
  readonly totalCount: number;
}

async function readNotices(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  offset: number,
): Promise<NoticePage> {
  const { data, pagination } = await client.requestNode("cartesi_listOutputs", {
    application: client.app,
    output_type: OUTPUT_TYPES.notice,
    limit: PAGE_SIZE,
    offset,
  });
  const submissions = data.flatMap((answer): SubmissionOutput[] => {
    const output = fromOutputAnswer(answer);
    if (output.kind !== "notice" || output.notice?.name !== "SubmissionAccepted") return [];
    const { inputIndex, notice } = output;
    const batch = readAcceptedBatch({ inputIndex, notices: [notice], vouchers: [] });
    return [{ output, batch }];
  });
  return { submissions, count: data.length, totalCount: Number(pagination.total_count) };
}

export interface ProveReadingOptions extends ClaimWaitOptions {
  readonly streamId: number;
  readonly sequence: number;
}

/** Everything that a contract needs to believe one reading: see `proveClaimedReading`. */
export interface ProvenReading {
  /** Whose claim it is. */
  readonly app: Hex;
  /** What the batch's notice says: stream, sequences, times, commitment. */
  readonly batch: AcceptedBatch;
  readonly sequence: number;
  /** From the reading to the notice's commitment. */
  readonly proof: ReadingProof;
  /** The notice's output, and its path to the claim. */
  readonly notice: ProvenOutput;
  /** The epoch of blocks whose claim has the notice; not the stream's epoch of keys. */
  readonly claimEpoch: number;
}

/** The node's answers do not fit together: it lies, or it is behind. */
export class ReadingUnproven extends ClientError {
  override readonly name = "ReadingUnproven";

  constructor(batchId: number, problem: string) {
    super(`The reading of batch ${batchId} cannot be proved: ${problem}.`, {
      whatToDo: "Try again when the node has caught up, or ask another node.",
    });
  }
}

/**
 * Proves one reading of an open stream on chain: its path to the batch's commitment, the notice
 * that the commitment stands in, and that notice's path to an accepted claim. The first is checked
 * here; a contract checks all of it (`ClaimedReading.sol`).
 *
 * @throws ReadingUnproven, QueryRefused for a sealed stream or no such reading, and what
 * `waitForClaim` throws.
 * @example
 * const proven = await proveReading(client, { streamId: 1, sequence: 7 });
 * await readClaimedReading(client.publicClient, { ...proven, metrics: [0] });
 */
export async function proveReading(
  client: TallyrollClient,
  { streamId, sequence, ...wait }: ProveReadingOptions,
): Promise<ProvenReading> {
  const { batchId, proof } = await getReadingProof(client, { streamId, sequence });
  const found = await findSubmission(client, { batchId });
  if (found === undefined) throw new ReadingUnproven(batchId, "the node has no notice of it");
  if (found.batch.streamId !== streamId) throw new ReadingUnproven(batchId, "its stream differs");
  return proveFound(client, found, { sequence, proof }, wait);
}

/**
 * The proof of a reading with the notice that its batch's commitment stands in, once a claim has it.
 *
 * @throws ReadingUnproven, and what `waitForClaim` throws.
 */
export async function proveFound(
  client: TallyrollClient,
  found: SubmissionOutput,
  { sequence, proof }: Pick<ProvenReading, "sequence" | "proof">,
  wait: ClaimWaitOptions,
): Promise<ProvenReading> {
  const { batch } = found;
  const { batchId } = batch;
  const isRight =
    batch.readingCount === proof.readingCount &&
    batch.firstSequence + proof.readingIndex === sequence &&
    verifyReadingProof(client.crypto, hexToBytes(batch.commitment), proof);
  if (!isRight) throw new ReadingUnproven(batchId, "its proof does not lead to the notice");

  const { outputIndex } = found.output;
  const output = await waitForClaim(client, { outputIndex, ...wait });
  const { raw, siblings } = output;
  // The output was found by one request and read again by another: a reorganisation may lie between.
  if (siblings === undefined || raw !== found.output.raw) {
    throw new ReadingUnproven(batchId, "the notice has moved");
  }
  const notice = { output: hexToBytes(raw), outputIndex, siblings };
  const claimEpoch = output.epochIndex;
  return { app: client.app, batch, sequence, proof, notice, claimEpoch };
}
