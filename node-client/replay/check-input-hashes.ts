import { hex } from "../../dapp/engine/operation-context.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { ChainReader } from "../chain/chain-client.ts";
import type { BlockReference, ChainInput } from "../chain/chain-input.ts";
import { INPUT_BOX_ABI } from "../chain/contracts.ts";
import { malformed } from "../chain/parse-logs.ts";
import { readWord } from "../chain/read-word.ts";

/** Calls under way at once: the client packs them into a few JSON-RPC batches. */
const CALLS_AT_ONCE = 1_000;
/** What stands where nothing was written; no bytes have it as their hash. */
const NOTHING: Hex = `0x${"0".repeat(64)}`;

/** An input of the logs that is not the one of the InputBox. */
export interface WrongInput {
  readonly inputIndex: number;
  readonly blockNumber: number;
  /** What the InputBox says. */
  readonly expected: Hex;
  /** keccak256 of the log's blob. */
  readonly actual: Hex;
}

/**
 * Compares inputs, as logs gave them, with the hashes that the InputBox keeps of them. The calls
 * are bound to the block's hash: a chain that was reorganised refuses them.
 *
 * @returns The first that differs.
 * @throws ChainReadError when the provider does not answer, or with something that is not a hash: that
 * is not the input's fault.
 */
export async function findWrongInput(
  client: ChainReader,
  crypto: Crypto,
  { app, inputBox }: { readonly app: Hex; readonly inputBox: Hex },
  inputs: readonly ChainInput[],
  block: BlockReference,
): Promise<WrongInput | undefined> {
  const readHash = (index: number): Promise<Hex> => {
    const call = { abi: INPUT_BOX_ABI, functionName: "getInputHash" } as const;
    const args = [app, BigInt(index)] as const;
    return readWord(client, { to: inputBox, ...call, args }, { blockHash: block.hash });
  };
  for (let from = 0; from < inputs.length; from += CALLS_AT_ONCE) {
    const some = inputs.slice(from, from + CALLS_AT_ONCE);
    const hashes = await Promise.all(some.map(({ index }) => readHash(index)));
    for (const [i, { index, blob, blockNumber }] of some.entries()) {
      const expected = hashes[i] as Hex;
      if (expected === NOTHING) throw malformed(`the hash of input ${index} is zero`);
      const actual = hex(crypto.keccak256(blob));
      if (expected !== actual) return { inputIndex: index, blockNumber, expected, actual };
    }
  }
  return undefined;
}
