import { CONTRACTS, CONTRACTS_LINE } from "../chain/contracts.ts";
import { ClientError } from "../errors.ts";
import { callChain } from "./call-chain.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** The client's parts do not belong together. */
export class ClientMismatch extends ClientError {
  override readonly name = "ClientMismatch";
}

/**
 * Checks before anything is sent that chain, contracts and node are those of the application: what
 * is sent to an address without code succeeds and is lost.
 *
 * @throws ClientMismatch that says which part is wrong, and what `callChain` and `requestNode`
 * throw where one does not answer.
 * @example
 * const client = await createTallyrollClient({ app, chain: { rpcUrl }, chainId: 31337 });
 * await checkClient(client);
 */
export async function checkClient(client: TallyrollClient): Promise<void> {
  const { chainId, app, rpcUrl, nodeUrl } = client;
  const found = await callChain(client, "read the chain's id", () =>
    client.publicClient.getChainId(),
  );
  if (found !== chainId) {
    throw new ClientMismatch(`The chain at ${rpcUrl} has the id ${found}, not ${chainId}.`, {
      whatToDo: "Name the RPC URL of the application's chain.",
    });
  }
  if (!(await hasCode(client, CONTRACTS.inputBox))) {
    throw new ClientMismatch(`The chain ${chainId} has no InputBox of line ${CONTRACTS_LINE}.`, {
      whatToDo: `Use a chain with Cartesi Rollups contracts ${CONTRACTS_LINE}; \`tallyroll start\` makes one.`,
    });
  }
  if (!(await hasCode(client, app))) {
    throw new ClientMismatch(`There is no contract at the application's address ${app}.`, {
      whatToDo: "Check the address and the chain: `tallyroll start` shows both.",
    });
  }
  const { data } = await client.requestNode("cartesi_getChainId", {});
  if (BigInt(data) !== BigInt(chainId)) {
    throw new ClientMismatch(`The node at ${nodeUrl} follows chain ${BigInt(data)}.`, {
      whatToDo: `Name a node that follows chain ${chainId}.`,
    });
  }
  await client.requestNode("cartesi_getApplication", { application: app });
}

async function hasCode(client: TallyrollClient, address: `0x${string}`): Promise<boolean> {
  const code = await callChain(client, `read the code at ${address}`, () =>
    client.publicClient.getCode({ address }),
  );
  return code !== undefined && code !== "0x";
}
