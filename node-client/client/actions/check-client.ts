import { zeroAddress } from "viem";
import {
  type ApplicationFacts,
  checkApplication,
  checkChain,
} from "../../chain/check-contracts.ts";
import { ClientError } from "../../errors.ts";
import { ETHER } from "./ether.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** The client's node and its chain do not belong together. */
export class NodeOfAnotherChain extends ClientError {
  override readonly name = "NodeOfAnotherChain";

  constructor(nodeUrl: string, found: bigint, expected: number) {
    super(`The node at ${nodeUrl} follows chain ${found}, and the client uses ${expected}.`, {
      whatToDo: "Name the RPC URL of the node's chain, or a node of this chain.",
    });
  }
}

/**
 * Checks before anything is sent that chain, contracts, application and both APIs of the node belong
 * together: what is sent to an address without code succeeds and is lost.
 *
 * @returns What the contracts say of the application.
 * @throws WrongChain, ContractsAbsent, ContractsOfAnotherLine, ApplicationAbsent,
 * NodeOfAnotherChain, NodeRequestRefused where the node runs another application, and what
 * `callChain`, `requestNode` and `inspectApplication` throw where one does not answer.
 * @example
 * const client = await createTallyrollClient({ app, chain: { rpcUrl }, chainId: 31337 });
 * const { epochLength } = await checkClient(client);
 */
export async function checkClient(client: TallyrollClient): Promise<ApplicationFacts> {
  const { publicClient, chainId, app, rpcUrl, nodeUrl } = client;
  await checkChain(publicClient, { chainId, rpcUrl });
  const facts = await checkApplication(publicClient, app);
  const { data } = await client.requestNode("cartesi_getChainId", {});
  if (BigInt(data) !== BigInt(chainId)) {
    throw new NodeOfAnotherChain(nodeUrl, BigInt(data), chainId);
  }
  await client.requestNode("cartesi_getApplication", { application: app });
  // The inspect API has an address of its own, which may be another's: its path names the
  // application, and any answer shows that this one runs there.
  await client.inspect({ query: "balance", account: zeroAddress, token: ETHER });
  return facts;
}
