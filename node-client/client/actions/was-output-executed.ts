import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * Whether an output was executed, by the application contract's word: the node follows a little
 * behind the chain.
 *
 * @throws What `callChain` throws.
 * @example
 * const isPaid = await wasOutputExecuted(client, { outputIndex: 12 });
 */
export async function wasOutputExecuted(
  client: Pick<TallyrollClient, "publicClient" | "app" | "rpcUrl">,
  { outputIndex }: { readonly outputIndex: number },
): Promise<boolean> {
  return await callChain(client, `ask whether output ${outputIndex} was executed`, () =>
    client.publicClient.readContract({
      address: client.app,
      abi: APPLICATION_ABI,
      functionName: "wasOutputExecuted",
      args: [BigInt(outputIndex)],
    }),
  );
}
