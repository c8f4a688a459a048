import { equalBytes } from "../../spec/words.ts";
import { ask } from "../chain/ask-chain.ts";
import type { AcceptedClaim, ExecutedOutput } from "../chain/chain-input.ts";
import { ChainReadError } from "../chain/chain-read-error.ts";
import { APPLICATION_ABI, CONSENSUS_ABI, TOPICS } from "../chain/contracts.ts";
import { malformed, parseLogs, toTopic } from "../chain/parse-logs.ts";
import { parseFlag, readWord } from "../chain/read-word.ts";
import { isRecord } from "../chain/rpc-answer.ts";
import type { ChainPlace } from "./read-chain.ts";

/** What a verdict against somebody rests on. */
export type JudgedEvent =
  | { readonly kind: "claim"; readonly claim: AcceptedClaim }
  | { readonly kind: "executedOutput"; readonly execution: ExecutedOutput };

/**
 * Makes sure that the chain has a claim, or an execution, which is about to be called false: its
 * transaction's receipt has to hold it as the logs did, and the contract has to know of it. One
 * answer that was altered is the provider's fault, not the claimant's.
 *
 * @throws ChainReadError when the provider contradicts itself, or does not answer.
 */
export async function confirmEvent(place: ChainPlace, event: JudgedEvent): Promise<void> {
  const { transactionHash, blockNumber } = event.kind === "claim" ? event.claim : event.execution;
  const receipt = await ask(place.client, "eth_getTransactionReceipt", [transactionHash]);
  if (!isRecord(receipt) || !Array.isArray(receipt.logs)) {
    throw new ChainReadError(
      "provider",
      `The provider has no receipt of the transaction ${transactionHash}, whose log it gave.`,
    );
  }
  const logs = receipt.logs.filter((log) => isOfKind(log, place, event.kind));
  const range = { first: blockNumber, last: blockNumber };
  const { claims, executions } = parseLogs([logs], place.contracts, range);
  const isThere =
    event.kind === "claim"
      ? claims.some((claim) => isSameClaim(claim, event.claim))
      : executions.some((execution) => isSameExecution(execution, event.execution));
  if (receipt.status !== "0x1" || !isThere || !(await isKnown(place, event))) {
    throw malformed(`it contradicts itself in the transaction ${transactionHash}`);
  }
}

function isOfKind(log: unknown, { contracts }: ChainPlace, kind: JudgedEvent["kind"]): boolean {
  if (!isRecord(log) || !Array.isArray(log.topics)) return false;
  const { app, consensus } = contracts;
  const [topic, ofApp] = log.topics as unknown[];
  const emitter = String(log.address).toLowerCase();
  return kind === "claim"
    ? topic === TOPICS.claimAccepted && emitter === consensus && ofApp === toTopic(app)
    : topic === TOPICS.outputExecuted && emitter === app;
}

const isSameClaim = (a: AcceptedClaim, b: AcceptedClaim): boolean =>
  a.transactionHash === b.transactionHash &&
  a.lastProcessedBlockNumber === b.lastProcessedBlockNumber &&
  a.outputsMerkleRoot === b.outputsMerkleRoot;

const isSameExecution = (a: ExecutedOutput, b: ExecutedOutput): boolean =>
  a.transactionHash === b.transactionHash &&
  a.outputIndex === b.outputIndex &&
  equalBytes(a.output, b.output);

/** Whether the contract's state, as of the place's block, has what the event says. */
async function isKnown(
  { client, contracts, block }: ChainPlace,
  event: JudgedEvent,
): Promise<boolean> {
  const { app, consensus } = contracts;
  const ofClaim = { abi: CONSENSUS_ABI, functionName: "isOutputsMerkleRootValid" } as const;
  const ofOutput = { abi: APPLICATION_ABI, functionName: "wasOutputExecuted" } as const;
  const word = await (event.kind === "claim"
    ? readWord(
        client,
        { to: consensus, ...ofClaim, args: [app, event.claim.outputsMerkleRoot] },
        block.number,
      )
    : readWord(
        client,
        { to: app, ...ofOutput, args: [BigInt(event.execution.outputIndex)] },
        block.number,
      ));
  return parseFlag(word);
}
