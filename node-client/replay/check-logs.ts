import { numberToHex } from "viem";
import { readContract } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference } from "../chain/chain-input.ts";
import { ChainReadError } from "../chain/chain-read-error.ts";
import { toClientError } from "../chain/contract-errors.ts";
import { APPLICATION_ABI, CONSENSUS_ABI, TOPICS } from "../chain/contracts.ts";
import { toTopic } from "../chain/parse-logs.ts";
import { ClientError } from "../errors.ts";
import type { NodeIdentity } from "../node/node-store.ts";

/** Whose logs were read, and up to where. */
interface CountedPlace {
  readonly client: ChainReader;
  readonly contracts: Pick<NodeIdentity, "app" | "consensus" | "deploymentBlock">;
  readonly block: BlockReference;
}

/** What was found in the logs up to a block. */
export interface FoundLogs {
  readonly claimCount: number;
  readonly executionCount: number;
  /** Blocks whose logs the provider gives at once. */
  readonly pageBlocks: number;
}

/** The application was moved from one consensus to another, and we read the claims of one. */
export class ConsensusMoved extends ClientError {
  override readonly name = "ConsensusMoved";

  constructor(app: Hex) {
    super(`The owner of the application ${app} moved it to another consensus in between.`, {
      whatToDo:
        "Nothing can be told of the claims of two; take the inputs with `tallyroll export` and " +
        "replay those.",
    });
  }
}

/**
 * Makes sure that an application has had one consensus only, and still has: the claims of another
 * one would be overlooked.
 *
 * @throws ConsensusMoved when it has not.
 * @throws ClientError when the chain does not answer.
 */
export async function requireOneConsensus(
  { client, contracts, block }: CountedPlace,
  pageBlocks: number,
): Promise<void> {
  const { app, consensus, deploymentBlock } = contracts;
  try {
    const validator = await readContract(client, {
      abi: APPLICATION_ABI,
      address: app,
      functionName: "getOutputsMerkleRootValidator",
      blockNumber: BigInt(block.number),
    });
    const event = { address: app, topic: TOPICS.validatorChanged };
    const range = { first: deploymentBlock, last: block.number, pageBlocks };
    const changes = await readLogs(client, event, range);
    if (changes.length > 0 || validator.toLowerCase() !== consensus) throw new ConsensusMoved(app);
  } catch (error) {
    throw toClientError(error, { action: "look for changes of the consensus" });
  }
}

/**
 * Claims and executions have no index that would show a gap in the logs, as inputs have. So their
 * contracts are asked how many there were.
 *
 * @throws ChainReadError when the provider left some out.
 * @throws ClientError when the chain does not answer.
 */
export async function requireCounts(
  { client, contracts, block }: CountedPlace,
  { claimCount, executionCount, pageBlocks }: FoundLogs,
): Promise<void> {
  const { app, consensus } = contracts;
  const blockNumber = BigInt(block.number);
  try {
    const [accepted, executed] = await Promise.all([
      readContract(client, {
        abi: CONSENSUS_ABI,
        address: consensus,
        functionName: "getNumberOfAcceptedClaims",
        blockNumber,
      }),
      readContract(client, {
        abi: APPLICATION_ABI,
        address: app,
        functionName: "getNumberOfExecutedOutputs",
        blockNumber,
      }),
    ]);
    requireCount("executed outputs", Number(executed), executionCount);
    if (Number(accepted) === claimCount) return;
    // A consensus counts the claims of all its applications together.
    const event = { address: consensus, topic: TOPICS.claimAccepted };
    const claims = await readLogs(client, event, { first: 0, last: block.number, pageBlocks });
    const ours = toTopic(app);
    const ourCount = claims.filter(({ topics }) => topics[1]?.toLowerCase() === ours).length;
    requireCount("accepted claims of the consensus", Number(accepted), claims.length);
    requireCount("accepted claims of the application", ourCount, claimCount);
  } catch (error) {
    throw toClientError(error, { action: "count the claims and executed outputs" });
  }
}

/** All logs of one event of a contract, from one block to another. */
async function readLogs(
  client: ChainReader,
  event: { readonly address: Hex; readonly topic: Hex },
  { first, last, pageBlocks }: Record<"first" | "last" | "pageBlocks", number>,
): Promise<{ readonly topics: readonly string[] }[]> {
  const logs: { readonly topics: readonly string[] }[] = [];
  let blocks = pageBlocks;
  for (let from = first; from <= last; ) {
    const to = Math.min(last, from + blocks - 1);
    const range = { fromBlock: numberToHex(from), toBlock: numberToHex(to) };
    const filter = { address: event.address, topics: [event.topic], ...range };
    try {
      logs.push(...(await client.request({ method: "eth_getLogs", params: [filter] })));
      from = to + 1;
    } catch (error) {
      // The pace may have grown to just above what the provider allows.
      if (blocks === 1) throw error;
      blocks = Math.ceil(blocks / 2);
    }
  }
  return logs;
}

function requireCount(what: string, expected: number, actual: number): void {
  if (expected === actual) return;
  throw new ChainReadError(
    "logs_missing",
    `The provider's logs hold ${actual} ${what}, and there are ${expected}.`,
  );
}
