import { readContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader } from "./chain-client.ts";
import type { ConsensusKind } from "./consensus-kind.ts";
import { toClientError } from "./contract-errors.ts";
import { CONSENSUS_ABI } from "./contracts.ts";

/** The account that is to claim epochs may not. */
class ClaimerRefused extends ClientError {
  override readonly name = "ClaimerRefused";
}

/**
 * Makes sure before anything runs that an account may claim: it owns the Authority, or is one of
 * the Quorum's validators. A consensus of neither kind is left to tell by itself.
 *
 * @throws ClaimerRefused, and what `toClientError` makes of the connection's faults.
 */
export async function checkClaimer(
  client: ChainReader,
  { consensus, kind }: { readonly consensus: Hex; readonly kind: ConsensusKind | undefined },
  claimer: Hex,
): Promise<void> {
  if (kind === undefined) return;
  const contract = { address: consensus, abi: CONSENSUS_ABI } as const;
  try {
    let mayClaim = "the Quorum's validators";
    if (kind === "QUORUM") {
      const id = await readContract(client, {
        ...contract,
        functionName: "validatorId",
        args: [claimer],
      });
      if (id !== 0n) return;
    } else {
      const owner = await readContract(client, { ...contract, functionName: "owner" });
      if (owner.toLowerCase() === claimer.toLowerCase()) return;
      mayClaim = `its owner, ${owner}`;
    }
    throw new ClaimerRefused(
      `The account ${claimer} may not claim: the consensus ${consensus} takes claims of ${mayClaim}.`,
      { whatToDo: "Give that account's key, or --no-claims to leave claiming to others." },
    );
  } catch (error) {
    throw toClientError(error, { action: "ask the consensus who may claim" });
  }
}
