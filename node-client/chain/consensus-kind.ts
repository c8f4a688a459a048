import { readContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainReader } from "./chain-client.ts";
import { ContractMissing, ContractReverted, toClientError } from "./contract-errors.ts";
import { CONSENSUS_ABI } from "./contracts.ts";

/** Who makes a consensus accept a claim: its owner, or most of its validators. */
export type ConsensusKind = "AUTHORITY" | "QUORUM";

/**
 * What kind of consensus a contract is: each kind has a function that the other one lacks.
 *
 * @returns `undefined` for a consensus of neither kind.
 * @throws what `toClientError` makes of the connection's faults.
 * @example
 * const kind = await readConsensusKind(client, facts.consensus); // "AUTHORITY"
 */
export async function readConsensusKind(
  client: ChainReader,
  consensus: Hex,
): Promise<ConsensusKind | undefined> {
  const contract = { address: consensus, abi: CONSENSUS_ABI } as const;
  const [isQuorum, isAuthority] = await Promise.all([
    answers(readContract(client, { ...contract, functionName: "numOfValidators" })),
    answers(readContract(client, { ...contract, functionName: "owner" })),
  ]);
  if (isQuorum) return "QUORUM";
  return isAuthority ? "AUTHORITY" : undefined;
}

/** Whether a contract has the function that was called, as far as that shows. */
async function answers(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    const refused = toClientError(error, { action: "ask the consensus what it is" });
    if (refused instanceof ContractReverted || refused instanceof ContractMissing) return false;
    throw refused;
  }
}
