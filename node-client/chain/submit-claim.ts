import { BaseError, getContract } from "viem";
import { getTransactionCount, simulateContract, writeContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainWriter } from "./chain-client.ts";
import { ContractMissing, ContractReverted, NonceTaken, toClientError } from "./contract-errors.ts";
import { CONSENSUS_ABI } from "./contracts.ts";

/** What an epoch's outputs came to. */
export interface EpochClaim {
  readonly app: Hex;
  readonly consensus: Hex;
  /** The epoch's last block. */
  readonly lastProcessedBlockNumber: number;
  readonly outputsMerkleRoot: Hex;
}

/**
 * What became of a claim:
 * - `sent`: it is on its way;
 * - `pending`: a transaction of the same nonce, most likely its twin, is on its way already;
 * - `accepted`: the consensus has accepted this root before;
 * - `voted`: a Quorum has our vote for some claim of the epoch, and too few others;
 * - `conflicting`: an Authority has accepted another root for the epoch, for good;
 * - `too_early`: the epoch's last block is not past.
 */
export type ClaimOutcome =
  | { readonly kind: "sent"; readonly transactionHash: Hex }
  | { readonly kind: "pending" | "accepted" | "voted" | "conflicting" | "too_early" };

/** How chains say that they have such a transaction, or one of its nonce that pays as much. */
const TWIN_IN_POOL = /already (known|imported)|replacement transaction underpriced|nonce too low/i;

/**
 * Hands an epoch's claim to its consensus, unless that has one. The nonce is the account's next
 * mined one, never after pending transactions: a repeated claim takes its twin's place instead of
 * following it, so that it may be repeated after any crash.
 *
 * @throws ContractReverted when the account may not claim, and what `toClientError` makes of the
 * connection's faults.
 *
 * @example
 * const outcome = await submitClaim(client, { app, consensus, lastProcessedBlockNumber, outputsMerkleRoot });
 * if (outcome.kind === "sent") store.markClaimSubmitted(epoch.index, outcome.transactionHash);
 */
export async function submitClaim(client: ChainWriter, claim: EpochClaim): Promise<ClaimOutcome> {
  const { app, consensus, lastProcessedBlockNumber, outputsMerkleRoot } = claim;
  const action = `claim the epoch that ends at block ${lastProcessedBlockNumber}`;
  const call = {
    address: consensus,
    abi: CONSENSUS_ABI,
    functionName: "submitClaim",
    args: [app, BigInt(lastProcessedBlockNumber), outputsMerkleRoot],
    account: client.account,
  } as const;
  try {
    await simulateContract(client, { ...call, blockTag: "latest" });
    // A Quorum lets the same vote pass again; it would only cost gas.
    if (await hasVoted(client, claim)) return await findEarlierClaim(client, claim);
  } catch (error) {
    const refused = toClientError(error, { action });
    if (!(refused instanceof ContractReverted)) throw refused;
    if (refused.errorName === "NotPastBlock") return { kind: "too_early" };
    if (refused.errorName === "NotFirstClaim") return findEarlierClaim(client, claim);
    throw refused;
  }
  try {
    const nonce = await getTransactionCount(client, {
      address: client.account.address,
      blockTag: "latest",
    });
    return { kind: "sent", transactionHash: await writeContract(client, { ...call, nonce }) };
  } catch (error) {
    if (isTwinInPool(error)) return { kind: "pending" };
    const refused = toClientError(error, { action });
    // The gas is estimated on the pending block, which may hold the twin already.
    const isClaimed = refused instanceof ContractReverted && refused.errorName === "NotFirstClaim";
    if (isClaimed || refused instanceof NonceTaken) return { kind: "pending" };
    throw refused;
  }
}

/** An epoch's claims are taken already, or our vote is: which of those is it? */
async function findEarlierClaim(client: ChainWriter, claim: EpochClaim): Promise<ClaimOutcome> {
  const { app, consensus, outputsMerkleRoot } = claim;
  const { read } = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
  const isValid = await read
    .isOutputsMerkleRootValid([app, outputsMerkleRoot])
    .catch((error: unknown) => {
      throw toClientError(error, { action: "ask the consensus for its claims" });
    });
  if (isValid) return { kind: "accepted" };
  const id = await findValidatorId(client, consensus);
  // An Authority accepts what it is given: what it has is another root.
  return { kind: id === undefined ? "conflicting" : "voted" };
}

async function hasVoted(client: ChainWriter, claim: EpochClaim): Promise<boolean> {
  const { app, consensus, lastProcessedBlockNumber, outputsMerkleRoot } = claim;
  const id = await findValidatorId(client, consensus);
  if (id === undefined) return false;
  const { read } = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
  const lastBlock = BigInt(lastProcessedBlockNumber);
  return read.isValidatorInFavorOf([app, lastBlock, outputsMerkleRoot, id]);
}

/** The account's number in a Quorum, from 1; `undefined` where the consensus has no validators. */
async function findValidatorId(client: ChainWriter, consensus: Hex): Promise<bigint | undefined> {
  try {
    const { read } = getContract({ address: consensus, abi: CONSENSUS_ABI, client });
    return await read.validatorId([client.account.address]);
  } catch (error) {
    const refused = toClientError(error, { action: "ask the consensus for its validators" });
    if (refused instanceof ContractReverted || refused instanceof ContractMissing) return undefined;
    throw refused;
  }
}

function isTwinInPool(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const says = (cause: { readonly message?: unknown; readonly details?: unknown }): boolean =>
    TWIN_IN_POOL.test(`${cause.message ?? ""}\n${cause.details ?? ""}`);
  return error.walk((cause) => says(cause as Error)) !== null;
}
