import { findBlock, isCanonical, readHead } from "../chain/ask-chain.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference } from "../chain/chain-input.ts";
import { ClientError } from "../errors.ts";
import { askAgain } from "./ask-again.ts";

/** Reorganisations that one piece of work survives by beginning anew. */
const ATTEMPTS_MAX = 5;

/** The chain has no such block, or was reorganised every time it was read. */
export class BlockUnsteady extends ClientError {
  override readonly name = "BlockUnsteady";
}

/**
 * Does work that reads the chain as of one block, and believes its result, or its failure, only if
 * the chain still has that block afterwards: a block's hash commits to everything before it. Else
 * the work is done again, at the block that took its place.
 *
 * @param number The block; `undefined` takes the chain's head.
 * @param onReorganized Hears that the work begins anew. The work leaves nothing by itself.
 * @throws BlockUnsteady when there is no such block, or the chain does not come to rest.
 * @throws what the work throws while its block stays.
 * @example
 * const inputCount = await atBlock(client, undefined, () => {}, (block) => countInputs(block));
 */
export async function atBlock<Result>(
  client: ChainReader,
  number: number | undefined,
  onReorganized: (block: BlockReference) => void,
  work: (block: BlockReference) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const block = await askAgain(() =>
      number === undefined ? readHead(client) : find(client, number),
    );
    const result = await settle(() => work(block));
    if (await askAgain(() => isCanonical(client, block))) return result();
    onReorganized(block);
  }
  throw new BlockUnsteady(`The chain was reorganised ${ATTEMPTS_MAX} times while it was read.`, {
    whatToDo: "Try again with --to-block and a block that the chain will keep.",
  });
}

async function find(client: ChainReader, number: number): Promise<BlockReference> {
  const block = await findBlock(client, number);
  if (block !== undefined) return block;
  throw new BlockUnsteady(`The chain has no block ${number} yet.`, {
    whatToDo: "Leave --to-block out to read up to the chain's head, or wait for that block.",
  });
}

/** What came of the work, to be looked at later. Bugs are nobody's reorganisation. */
async function settle<Result>(work: () => Promise<Result>): Promise<() => Result> {
  try {
    const result = await work();
    return () => result;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return () => {
      throw error;
    };
  }
}
