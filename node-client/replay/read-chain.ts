import type { Crypto } from "../../spec/crypto.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference, ChainSegment } from "../chain/chain-input.ts";
import type { ApplicationFacts } from "../chain/check-contracts.ts";
import { malformed } from "../chain/parse-logs.ts";
import { createReadingPace, type ReadingPace, readSegment } from "../chain/read-segment.ts";
import { askAgain } from "./ask-again.ts";
import { findWrongInput, type WrongInput } from "./check-input-hashes.ts";
import { requireCounts } from "./check-logs.ts";

/** An application of a chain as of one block. */
export interface ChainPlace {
  readonly client: ChainReader;
  readonly contracts: Pick<
    ApplicationFacts,
    "app" | "consensus" | "inputBox" | "deploymentBlock" | "epochLength" | "templateHash"
  >;
  readonly block: BlockReference;
}

/** A part of an application's history, each of its inputs compared with the InputBox. */
export interface CheckedSegment extends ChainSegment {
  /** An input that is not the one of the InputBox: it and those after it are left out. */
  readonly wrongInput: WrongInput | undefined;
}

/**
 * The history of an application up to the place's block, in order and in parts. The next part is
 * read while the caller works on one; no more than two are in memory. Ends after a wrong input.
 *
 * @param pace Tells afterwards how many blocks the provider gives at once.
 * @throws ProviderUnusable when the provider leaves something out, again and again.
 * @throws ClientError when the chain does not answer.
 */
export async function* readChain(
  place: ChainPlace,
  crypto: Crypto,
  pace: ReadingPace = createReadingPace(),
): AsyncGenerator<CheckedSegment, void, void> {
  let inputCount = 0;
  let claimCount = 0;
  let executionCount = 0;
  const read = (from: BlockReference | undefined): Promise<CheckedSegment> =>
    readChecked(place, crypto, pace, from, inputCount);
  let next: Promise<CheckedSegment> | undefined = read(undefined);
  while (next !== undefined) {
    const segment: CheckedSegment = await next;
    inputCount += segment.inputs.length;
    claimCount += segment.claims.length;
    executionCount += segment.executions.length;
    const isLast = segment.head.number >= place.block.number || segment.wrongInput !== undefined;
    next = isLast ? undefined : read(segment.head);
    // It is waited for in the next round; until then its failure has no other listener.
    next?.catch(() => {});
    yield segment;
    if (segment.wrongInput !== undefined) return;
  }
  await askAgain(() =>
    requireCounts(place, { claimCount, executionCount, pageBlocks: pace.blocks }),
  );
}

async function readChecked(
  { client, contracts, block: head }: ChainPlace,
  crypto: Crypto,
  pace: ReadingPace,
  from: BlockReference | undefined,
  inputCount: number,
): Promise<CheckedSegment> {
  const request = { from, firstBlock: contracts.deploymentBlock, inputCount, head, pace };
  const readOnce = async (): Promise<CheckedSegment> => {
    const segment = await readSegment(client, contracts, request);
    requireEpochEnds(segment.claims, contracts.epochLength);
    const wrongInput = await findWrongInput(client, crypto, contracts, segment.inputs, head);
    return { ...segment, wrongInput };
  };
  const { wrongInput, ...segment } = await askAgain(async () => {
    const first = await readOnce();
    if (first.wrongInput === undefined) return first;
    // It is a verdict only if the provider stays by both, the log and the hash.
    const second = await readOnce();
    if (isSame(first.wrongInput, second.wrongInput)) return second;
    throw malformed(`it contradicts itself in input ${first.wrongInput.inputIndex}`);
  });
  if (wrongInput === undefined) return { ...segment, wrongInput };
  const { blockNumber: wrongBlock, inputIndex } = wrongInput;
  return {
    ...segment,
    inputs: segment.inputs.slice(0, inputIndex - inputCount),
    // What rests on the inputs that are left out cannot be judged.
    claims: segment.claims.filter((claim) => claim.lastProcessedBlockNumber < wrongBlock),
    executions: segment.executions.filter(({ blockNumber }) => blockNumber < wrongBlock),
    wrongInput,
  };
}

/** A consensus accepts claims of whole epochs only, once they are past. */
function requireEpochEnds(claims: ChainSegment["claims"], epochLength: number): void {
  const isEnd = ({ lastProcessedBlockNumber, blockNumber }: ChainSegment["claims"][number]) =>
    (lastProcessedBlockNumber + 1) % epochLength === 0 && lastProcessedBlockNumber < blockNumber;
  if (!claims.every(isEnd)) throw malformed("a claim is of no epoch's end");
}

const isSame = (a: WrongInput, b: WrongInput | undefined): boolean =>
  a.inputIndex === b?.inputIndex && a.expected === b.expected && a.actual === b.actual;
