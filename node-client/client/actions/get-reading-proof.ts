import type { ReadingProof } from "../../../spec/reading-proof.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** That one reading is part of its batch's commitment: for `verifyReadingProof`. */
export interface ProofOfReading {
  readonly batchId: number;
  /** As the node says. Trust the one in a validated notice: see `proveReading`. */
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
  options: { readonly streamId: number; readonly sequence: number },
): Promise<ProofOfReading> {
  const { batchId, commitment, ...proof } = await askQuery(client, "proof", options);
  return { batchId, commitment, proof };
}
