import { encodeFunctionData } from "viem";
import { ask, isRpcAnswer, toQuantity } from "./ask-chain.ts";
import type { ChainReader } from "./chain-client.ts";
import { ChainReadError } from "./chain-read-error.ts";
import { INPUT_BOX_ABI } from "./contracts.ts";
import { type FollowedContracts, parseHash, parseQuantity } from "./parse-logs.ts";

/** Whose inputs are counted, and where. */
type CountedContracts = Pick<FollowedContracts, "app" | "inputBox">;

/**
 * How many inputs the InputBox counts at the end of a block; else what the provider says instead, who
 * may not have that block's state any more. Undefined where the block has no InputBox.
 *
 * @throws ChainReadError when the provider does not answer.
 */
export async function findInputCount(
  client: ChainReader,
  { inputBox, app }: CountedContracts,
  blockNumber: number,
): Promise<number | ChainReadError | undefined> {
  const data = encodeFunctionData({
    abi: INPUT_BOX_ABI,
    functionName: "getNumberOfInputs",
    args: [app],
  });
  try {
    const call = [{ to: inputBox, data }, toQuantity(blockNumber)];
    const answer = await ask(client, "eth_call", call);
    return answer === "0x" ? undefined : parseQuantity(parseHash(answer));
  } catch (error) {
    if (error instanceof ChainReadError && isRpcAnswer(error.cause)) return error;
    throw error;
  }
}

/**
 * The block to read an application's inputs from: that of its deployment, or, where it has inputs
 * from before, that of the first one. The InputBox takes inputs for any address, and whoever sees a
 * deployment coming knows the address: nobody shall keep us from following the application by that.
 *
 * Where the provider does not keep the states to look in, the inputs' own indices show the gap.
 *
 * @throws ChainReadError when the provider does not answer.
 * @example
 * const first = await findFirstBlock(client, contracts, deploymentBlock);
 */
export async function findFirstBlock(
  client: ChainReader,
  contracts: CountedContracts,
  deploymentBlock: number,
): Promise<number> {
  const hasInputs = async (blockNumber: number): Promise<boolean> => {
    const count = blockNumber < 0 ? 0 : await findInputCount(client, contracts, blockNumber);
    return typeof count === "number" && count > 0;
  };
  if (!(await hasInputs(deploymentBlock - 1))) return deploymentBlock;
  let low = 0;
  let high = deploymentBlock - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await hasInputs(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
