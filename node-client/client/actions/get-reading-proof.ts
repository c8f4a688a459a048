import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { ReadingProof } from "../../../spec/reading-proof.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface ProofAnswer {
  readonly batch_id: number;
  readonly commitment: Hex;
  readonly group_index: number;
  readonly group_count: number;
  readonly key_hash: Hex;
  readonly group_path: readonly Hex[];
  readonly leaf: Hex;
  readonly reading_index: number;
  readonly reading_count: number;
  readonly reading_path: readonly Hex[];
}

/** That one reading is part of its batch's commitment: for `verifyReadingProof`. */
export interface ProofOfReading {
  readonly batchId: number;
  /** As the node says. Trust the one that a validated notice tells: see `proveReading`. */
  readonly commitment: Uint8Array;
  readonly proof: ReadingProof;
}

/**
 * The proof of one reading of an open stream against its batch's commitment (spec §3.5).
 *
 * @throws QueryRefused for a sealed stream or no such reading, and what `inspectApplication` throws.
 * @example
 * const { proof, commitment } = await getReadingProof(client, { streamId: 1, sequence: 7 });
 * verifyReadingProof(client.crypto, commitment, proof); // true
 */
export async function getReadingProof(
  client: Pick<TallyrollClient, "inspect">,
  { streamId, sequence }: { readonly streamId: number; readonly sequence: number },
): Promise<ProofOfReading> {
  const query = { query: "proof", stream_id: streamId, sequence };
  const answer = await client.inspect<ProofAnswer>(query);
  return {
    batchId: answer.batch_id,
    commitment: hexToBytes(answer.commitment),
    proof: {
      groupIndex: answer.group_index,
      groupCount: answer.group_count,
      keyHash: hexToBytes(answer.key_hash),
      groupPath: answer.group_path.map((hash) => hexToBytes(hash)),
      leaf: hexToBytes(answer.leaf),
      readingIndex: answer.reading_index,
      readingCount: answer.reading_count,
      readingPath: answer.reading_path.map((hash) => hexToBytes(hash)),
    },
  };
}
