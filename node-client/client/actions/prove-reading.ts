import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type ReadingProof, verifyReadingProof } from "../../../spec/reading-proof.ts";
import type { ProvenOutput } from "../../chain/claimed-reading.ts";
import { ClientError } from "../../errors.ts";
import { findSubmission } from "./find-submission.ts";
import { getReadingProof } from "./get-reading-proof.ts";
import type { AcceptedBatch } from "./submit-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import { type ClaimWaitOptions, waitForClaim } from "./wait-for-claim.ts";

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
  const { batch } = found;
  const isRight =
    batch.streamId === streamId &&
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
