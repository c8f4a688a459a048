import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import { ask, findBlock, isCanonical, isTooMuch, readBlock, toQuantity } from "./ask-chain.ts";
import type { ChainReader } from "./chain-client.ts";
import type { BlockReference, ChainInput, ChainSegment } from "./chain-input.ts";
import { ChainReadError } from "./chain-read-error.ts";
import { TOPICS } from "./contracts.ts";
import { findFirstBlock, findInputCount } from "./input-count.ts";
import { type FollowedContracts, type ParsedLogs, parseLogs, toTopic } from "./parse-logs.ts";

/** Blocks nearer to the head than this may be reorganised while they are read. */
const UNSETTLED_BLOCKS = 256;

/** How many blocks are asked for at once. It finds the provider's limits and stays below them. */
export interface ReadingPace {
  blocks: number;
  readonly blocksMax: number;
  /** Pages with more logs than this make the next ones shorter. */
  readonly logsMax: number;
  /** The same for the inputs' bytes. */
  readonly bytesMax: number;
}

/** A pace to be kept from one call of `readSegment` to the next. */
export function createReadingPace(options: Partial<ReadingPace> = {}): ReadingPace {
  return { blocks: 1_000, blocksMax: 50_000, logsMax: 4_000, bytesMax: 1 << 25, ...options };
}

/** What is known already, and how far to read. */
interface SegmentRequest {
  /** The last block whose logs are recorded; `undefined` before the first. */
  readonly from: BlockReference | undefined;
  /** The application's deployment: where to begin when nothing is recorded and nothing came before. */
  readonly firstBlock: number;
  /** Inputs recorded so far: the index of the next. */
  readonly inputCount: number;
  /** As the chain gave it a moment ago; the segment ends here or before. */
  readonly head: BlockReference;
  readonly pace: ReadingPace;
}

/** The application's owner moved it to another consensus: our claims no longer count. */
export class ConsensusChanged extends ClientError {
  override readonly name = "ConsensusChanged";

  constructor(validator: Hex) {
    super(`The application's owner moved it to another consensus, ${validator}.`, {
      whatToDo:
        "Start the node with a new data folder: it follows the new consensus from the start.",
    });
  }
}

/**
 * The logs of the blocks after `from`, up to `head` or to the page's end, checked: canonical
 * blocks, contiguous inputs, and as many of them as the InputBox counts. What cannot be checked is
 * not returned, so that no input is ever skipped.
 *
 * @throws ChainReadError when the provider's answers cannot be used; ask again.
 * @throws ConsensusChanged when the application left the consensus we follow.
 *
 * @example
 * const pace = createReadingPace();
 * const segment = await readSegment(client, identity, { from, firstBlock, inputCount, head, pace });
 */
export async function readSegment(
  client: ChainReader,
  contracts: FollowedContracts,
  request: SegmentRequest,
): Promise<ChainSegment> {
  const { from, firstBlock, head, pace, inputCount } = request;
  const first =
    from === undefined
      ? await findFirstBlock(client, contracts, Math.min(firstBlock, head.number))
      : from.number + 1;
  if (first > head.number) throw new RangeError(`block ${head.number} is read already`);
  for (;;) {
    const last = Math.min(head.number, first + pace.blocks - 1);
    const to = last === head.number ? head : await readBlock(client, last);
    const page = await readPage(client, contracts, { first, last });
    if (page === "too much") {
      if (last === first) {
        throw new ChainReadError("limit", `The provider refuses the logs of block ${first}.`);
      }
      pace.blocks = Math.max(1, Math.floor((last - first + 1) / 2));
      continue;
    }
    await requireCanonical(client, [from, to, ...listUnsettled(page.logs, head)]);
    const { inputs, claims, executions, validators } = page.logs;
    try {
      requireContiguous(inputs, inputCount);
      // Where the chain is shorter than the application is old, there is nothing to count.
      const isCountNeeded = last === head.number && last >= firstBlock;
      requireCount(inputCount + inputs.length, page.inputCount, isCountNeeded);
    } catch (error) {
      throw await blame(client, contracts, request, error);
    }
    const moved = validators.find((validator) => validator !== contracts.consensus);
    if (moved !== undefined && last > first) {
      // The blocks before are still to be had.
      pace.blocks = Math.floor((last - first + 1) / 2);
      continue;
    }
    if (moved !== undefined) throw new ConsensusChanged(moved);
    adaptPace(pace, last - first + 1, page.logs);
    return { head: to, inputs, claims, executions };
  }
}

interface Page {
  readonly logs: ParsedLogs;
  /** What the InputBox counts at the page's last block, if the provider keeps that state. */
  readonly inputCount: number | ChainReadError | undefined;
}

async function readPage(
  client: ChainReader,
  contracts: FollowedContracts,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<Page | "too much"> {
  const range = { fromBlock: toQuantity(first), toBlock: toQuantity(last) };
  const { inputBox, consensus, app } = contracts;
  const filters = [
    {
      ...range,
      address: [inputBox, consensus],
      topics: [[TOPICS.inputAdded, TOPICS.claimAccepted], [toTopic(app)]],
    },
    { ...range, address: [app], topics: [[TOPICS.outputExecuted, TOPICS.validatorChanged]] },
  ];
  try {
    const [inputCount, ...answers] = await Promise.all([
      findInputCount(client, contracts, last),
      ...filters.map((filter) => ask(client, "eth_getLogs", [filter])),
    ]);
    const logs = parseLogs(answers, contracts, { first, last });
    return { logs, inputCount };
  } catch (error) {
    if (isTooMuch(error)) return "too much";
    throw error;
  }
}

/** Indices follow on what is recorded, and rise with the blocks. */
function requireContiguous(inputs: readonly ChainInput[], recordedCount: number): void {
  inputs.forEach(({ index, blockNumber }, i) => {
    if (index === recordedCount + i && blockNumber >= (inputs[i - 1]?.blockNumber ?? 0)) return;
    if (index < recordedCount + i) {
      const said = `Input ${index} came again, in block ${blockNumber}.`;
      throw new ChainReadError("chain_moved", said);
    }
    const said = `The provider left input ${recordedCount + i} out and gave input ${index}.`;
    throw new ChainReadError("logs_missing", said);
  });
}

function requireCount(found: number, counted: Page["inputCount"], isNeeded: boolean): void {
  // Behind the head a pruned state is forgiven: the next page's indices, or its count, tell.
  if (counted === found || (typeof counted !== "number" && !isNeeded)) return;
  if (counted instanceof ChainReadError) throw counted;
  if (counted === undefined) {
    throw new ChainReadError("provider", "The provider does not say how many inputs there are.");
  }
  const message = `The provider gave ${found} inputs, and the InputBox counts ${counted}.`;
  throw new ChainReadError(counted > found ? "logs_missing" : "chain_moved", message);
}

/** Missing inputs may be missing from what was recorded before, where nobody counted. */
async function blame(
  client: ChainReader,
  contracts: FollowedContracts,
  { from, inputCount }: SegmentRequest,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ChainReadError) || error.fault !== "logs_missing") return error;
  if (from === undefined) return error;
  const counted = await findInputCount(client, contracts, from.number);
  if (counted === inputCount) return error;
  const isCounted = typeof counted === "number";
  // A server that lags has neither that state yet nor the block: it says nothing of what is recorded.
  if (!isCounted && (await findBlock(client, from.number)) === undefined) return error;
  return new ChainReadError("earlier_logs_missing", error.shortMessage, error);
}

/** Throws unless all of these blocks are still the chain's. */
async function requireCanonical(
  client: ChainReader,
  blocks: readonly (BlockReference | undefined)[],
): Promise<void> {
  await Promise.all(
    blocks.map(async (block) => {
      if (block === undefined || (await isCanonical(client, block))) return;
      const message = `Block ${block.number} was replaced while it was being read.`;
      throw new ChainReadError("chain_moved", message);
    }),
  );
}

function listUnsettled({ blockHashes }: ParsedLogs, head: BlockReference): BlockReference[] {
  const blocks = Array.from(blockHashes, ([number, hash]) => ({ number, hash }));
  return blocks.filter(({ number }) => number > head.number - UNSETTLED_BLOCKS);
}

function adaptPace(pace: ReadingPace, blocks: number, { inputs, executions }: ParsedLogs): void {
  const byteCount = inputs.reduce((sum, { blob }) => sum + blob.length, 0);
  const logCount = inputs.length + executions.length;
  const load = Math.max(byteCount / pace.bytesMax, logCount / pace.logsMax);
  if (load > 1) pace.blocks = Math.max(1, Math.floor(blocks / 2));
  // A page cut short by the head says nothing about longer ones.
  else if (load < 0.5 && blocks === pace.blocks) {
    pace.blocks = Math.min(pace.blocksMax, 2 * pace.blocks);
  }
}
