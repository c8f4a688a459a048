import type { ChainWriter } from "./chain-client.ts";
import { CONTRACT_NAMES, getCreationCode } from "./contract-code.ts";
import { deployByCreate2 } from "./create2.ts";

/**
 * Brings all contracts of the line to their addresses, where they are missing. May be repeated.
 *
 * @returns how many had to be deployed.
 * @throws ClientError when the chain refuses, or the account cannot pay.
 *
 * @example
 * await deployContracts(await connectChain(rpcUrl, getDevelopmentAccount(0)));
 */
export async function deployContracts(client: ChainWriter): Promise<number> {
  const { missingCount } = await deployByCreate2(client, CONTRACT_NAMES.map(getCreationCode));
  return missingCount;
}
