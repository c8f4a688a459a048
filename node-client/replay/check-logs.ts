import type { Hex } from "../../spec/outputs.ts";
import { ask, toQuantity } from "../chain/ask-chain.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference } from "../chain/chain-input.ts";
import { ChainReadError } from "../chain/chain-read-error.ts";
import type { ApplicationFacts } from "../chain/check-contracts.ts";
import { APPLICATION_ABI, CONSENSUS_ABI, TOPICS } from "../chain/contracts.ts";
import { malformed, parseQuantity, toTopic } from "../chain/parse-logs.ts";
import { parseAddress, readWord } from "../chain/read-word.ts";
import { isRecord } from "../chain/rpc-answer.ts";
import { ClientError } from "../errors.ts";
import { askAgain, ProviderUnusable, StateMissing } from "./ask-again.ts";

/** Calls under way at once: the client packs them into a few JSON-RPC batches. */
const CALLS_AT_ONCE = 1_000;

/** Whose logs were read, and up to where. */
interface CountedPlace {
  readonly client: ChainReader;
  readonly contracts: Pick<ApplicationFacts, "app" | "consensus" | "deploymentBlock">;
  readonly block: BlockReference;
}

/** What was found in the logs up to a block. */
interface FoundLogs {
  readonly claimCount: number;
  readonly executionCount: number;
  /** Blocks whose logs the provider gives at once. */
  readonly pageBlocks: number;
}

/** The application was moved from one consensus to another, and we read the claims of one. */
class ConsensusMoved extends ClientError {
  override readonly name = "ConsensusMoved";

  constructor(app: Hex) {
    super(`The owner of the application ${app} moved it to another consensus in between.`, {
      whatToDo:
        "There is no verdict over the claims of two; take the inputs with `tallyroll export` and " +
        "replay those.",
    });
  }
}

/**
 * Makes sure that an application has had one consensus only, and still has: the claims of another
 * one would be overlooked. A provider that leaves out the logs of its changes is found out by the
 * state at each block where the consensus mattered.
 *
 * @param blockNumbers Where claims were accepted and outputs executed.
 * @returns How many of these blocks the provider has thrown the state away of: what they say is
 *   known from the logs alone.
 * @throws ConsensusMoved when it has not.
 * @throws ProviderUnusable, StateMissing when the chain does not answer.
 */
export async function requireOneConsensus(
  { client, contracts, block }: CountedPlace,
  blockNumbers: readonly number[],
  pageBlocks: number,
): Promise<number> {
  const { app, consensus, deploymentBlock } = contracts;
  const functionName = "getOutputsMerkleRootValidator";
  const call = { to: app, abi: APPLICATION_ABI, functionName } as const;
  const requireOurs = async (blockNumber: number): Promise<void> => {
    const read = async () => parseAddress(await readWord(client, call, blockNumber));
    if ((await askAgain(read)) !== consensus) throw new ConsensusMoved(app);
  };
  await requireOurs(block.number);
  const event = { address: app, topic: TOPICS.validatorChanged };
  const range = { first: deploymentBlock, last: block.number, pageBlocks };
  if ((await readLogs(client, event, range)).length > 0) throw new ConsensusMoved(app);
  const others = [...new Set(blockNumbers)].filter((number) => number !== block.number);
  let unseenBlocks = 0;
  for (let from = 0; from < others.length; from += CALLS_AT_ONCE) {
    const some = others.slice(from, from + CALLS_AT_ONCE).map((number) =>
      requireOurs(number).catch((error: unknown) => {
        // A node that is not an archive has the newest states only: that much is not a lie.
        if (!(error instanceof StateMissing)) throw error;
        unseenBlocks += 1;
      }),
    );
    await Promise.all(some);
  }
  return unseenBlocks;
}

/**
 * Claims and executions have no index that would show a gap in the logs, as inputs have. So their
 * contracts are asked how many there were.
 *
 * @throws ChainReadError when the provider left some out, or does not answer.
 */
export async function requireCounts(
  { client, contracts, block }: CountedPlace,
  { claimCount, executionCount, pageBlocks }: FoundLogs,
): Promise<void> {
  const { app, consensus } = contracts;
  const ofClaims = { abi: CONSENSUS_ABI, functionName: "getNumberOfAcceptedClaims" } as const;
  const ofOutputs = { abi: APPLICATION_ABI, functionName: "getNumberOfExecutedOutputs" } as const;
  const counted = await Promise.all([
    readWord(client, { to: consensus, ...ofClaims }, block.number),
    readWord(client, { to: app, ...ofOutputs }, block.number),
  ]);
  const [accepted, executed] = counted.map(parseQuantity) as [number, number];
  requireCount("executed outputs", executed, executionCount);
  if (accepted === claimCount) return;
  // A consensus counts the claims of all its applications together.
  const event = { address: consensus, topic: TOPICS.claimAccepted };
  const claims = await readLogs(client, event, { first: 0, last: block.number, pageBlocks });
  const ours = toTopic(app);
  const ourCount = claims.filter(({ topics }) => topics[1] === ours).length;
  requireCount("accepted claims of the consensus", accepted, claims.length);
  requireCount("accepted claims of the application", ourCount, claimCount);
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
    const range = { fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    const filter = { address: event.address, topics: [event.topic], ...range };
    try {
      const read = async () => parseTopics(await ask(client, "eth_getLogs", [filter]), event);
      logs.push(...(await askAgain(read)));
      from = to + 1;
    } catch (error) {
      // The pace may have grown to just above what the provider allows.
      if (blocks === 1 || !(error instanceof ProviderUnusable)) throw error;
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

/** The topics of logs, lower case; a log of another event is not an answer. */
function parseTopics(
  answer: unknown,
  { address, topic }: { readonly address: Hex; readonly topic: Hex },
): { readonly topics: readonly string[] }[] {
  if (!Array.isArray(answer)) throw malformed("the logs are not a list");
  return answer.map((log: unknown) => {
    const parts = isRecord(log) ? log : {};
    const all: unknown[] = Array.isArray(parts.topics) ? parts.topics : [];
    const topics = all.map((one) => String(one).toLowerCase());
    const isOurs = topics[0] === topic && String(parts.address).toLowerCase() === address;
    if (!isOurs) throw malformed("a log is of an event that was not asked for");
    return { topics };
  });
}
