import type { Hex } from "../../../spec/outputs.ts";
import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import { ClaimNotAccepted } from "./claim-estimate.ts";
import { getOutput } from "./get-output.ts";
import type { OutputInfo } from "./output-info.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What contracts take beside an output's bytes (`OutputValidityProof` of rollups-contracts). */
export interface OutputValidityProof {
  readonly outputIndex: bigint;
  /** 63 hashes, bottom up. */
  readonly outputHashesSiblings: readonly Hex[];
}

/**
 * Has the application's contract check that an output is part of an accepted claim. A chain that
 * says so is a proof: nothing of the node is believed.
 *
 * @returns The output that was checked.
 * @throws ClaimNotAccepted before the claim is computed, ContractReverted (InvalidOutputsMerkleRoot)
 * before it is accepted or when the node's proof is wrong, and what `getOutput` throws.
 * @example
 * const output = await validateOutput(client, { outputIndex: 3 });
 */
export async function validateOutput(
  client: TallyrollClient,
  { outputIndex }: { readonly outputIndex: number },
): Promise<OutputInfo> {
  const output = await getOutput(client, { outputIndex });
  const proof = toValidityProof(output);
  if (proof === undefined) throw new ClaimNotAccepted(output, undefined);
  await callChain(client, `validate output ${outputIndex}`, () =>
    client.publicClient.readContract({
      address: client.app,
      abi: APPLICATION_ABI,
      functionName: "validateOutput",
      args: [output.raw, proof],
    }),
  );
  return output;
}

/** The proof of an output; `undefined` until its epoch's claim is computed. */
export function toValidityProof({
  outputIndex,
  siblings,
}: OutputInfo): OutputValidityProof | undefined {
  if (siblings === undefined) return undefined;
  return { outputIndex: BigInt(outputIndex), outputHashesSiblings: siblings };
}
