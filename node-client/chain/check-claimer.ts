import { readContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader } from "./chain-client.ts";
import { CONSENSUS_ABI } from "./contracts.ts";

/** The account that is to claim epochs may not. */
export class ClaimerRefused extends ClientError {
  override readonly name = "ClaimerRefused";
}

/**
 * Makes sure before anything runs that an account may claim: it owns the Authority, or is one of
 * the Quorum's validators. A consensus of neither kind is left to tell by itself.
 *
 * @throws ClaimerRefused
 */
export async function checkClaimer(
  client: ChainReader,
  consensus: Hex,
  claimer: Hex,
): Promise<void> {
  const contract = { address: consensus, abi: CONSENSUS_ABI } as const;
  // Each kind reverts on the other's function.
  const [owner, validatorId] = await Promise.all([
    readContract(client, { ...contract, functionName: "owner" }).catch(() => undefined),
    readContract(client, { ...contract, functionName: "validatorId", args: [claimer] }).catch(
      () => undefined,
    ),
  ]);
  const isStranger =
    validatorId === undefined
      ? owner !== undefined && owner.toLowerCase() !== claimer.toLowerCase()
      : validatorId === 0n;
  if (!isStranger) return;
  const mayClaim = owner === undefined ? "the Quorum's validators" : `its owner, ${owner}`;
  throw new ClaimerRefused(
    `The account ${claimer} may not claim: the consensus ${consensus} takes claims of ${mayClaim}.`,
    { whatToDo: "Give that account's key, or --no-claims to leave claiming to others." },
  );
}
