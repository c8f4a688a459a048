import { checkApplication } from "../../chain/check-contracts.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What the chain says of itself and of the application, at its head. */
export interface ChainStatus {
  readonly chainId: number;
  readonly headBlock: number;
  /** Unix seconds, as the block states them. */
  readonly headTimeSec: number;
  /** How many inputs the InputBox counts for the application. */
  readonly inputCount: number;
  /** The contract that judges the application's epochs. */
  readonly consensus: string;
  /** Blocks. */
  readonly epochLength: number;
}

/**
 * Where the chain is, and how many inputs it holds for the application.
 *
 * @throws ApplicationAbsent, ContractsOfAnotherLine, and what `callChain` throws.
 * @example
 * const { headBlock, inputCount } = await getChainStatus(client);
 */
export async function getChainStatus(
  client: Pick<TallyrollClient, "app" | "publicClient" | "rpcUrl">,
): Promise<ChainStatus> {
  const { app, publicClient } = client;
  const { consensus, epochLength } = await checkApplication(publicClient, app);
  return await callChain(client, "read the chain's head", async () => {
    const [chainId, { number, timestamp }, inputCount] = await Promise.all([
      publicClient.getChainId(),
      publicClient.getBlock(),
      publicClient.readContract({
        address: CONTRACTS.inputBox,
        abi: INPUT_BOX_ABI,
        functionName: "getNumberOfInputs",
        args: [app],
      }),
    ]);
    return {
      ...{ chainId, consensus, epochLength },
      headBlock: Number(number),
      headTimeSec: Number(timestamp),
      inputCount: Number(inputCount),
    };
  });
}
