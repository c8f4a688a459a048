import { getContract } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
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
  const { read } = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
  const [isQuorum, isAuthority] = await Promise.all([
    answers(read.numOfValidators()),
    answers(read.owner()),
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
  const { read } = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
  try {
    let mayClaim = "the Quorum's validators";
    if (kind === "QUORUM") {
      if ((await read.validatorId([claimer])) !== 0n) return;
    } else {
      const owner = await read.owner();
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
