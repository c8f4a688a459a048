import {
  type Account,
  type Chain,
  type Client,
  createClient,
  defineChain,
  type Transport,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { getChainId } from "viem/actions";
import { toClientError } from "./contract-errors.ts";
import { createRpcTransport, type RpcTransportOptions } from "./rpc-transport.ts";

/** Any viem client: enough for what only reads. */
export type ChainReader = Client<Transport, Chain | undefined, Account | undefined>;
/** A viem client with an account that signs here, and the chain it signs for. */
export type ChainWriter = Client<Transport, Chain, Account>;

const POLLING_INTERVAL_MS = 200;

/**
 * The development mnemonic that every anvil, Hardhat and tutorial uses. It is public: whatever its
 * accounts own on a real chain is anybody's.
 */
export const DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk";

/**
 * A viem client for what a node or deployer does, bound to the chain that answers at `rpcUrl`.
 * Calls of one moment go out as one JSON-RPC batch, where the provider takes it.
 *
 * @throws ClientError when nothing, or no chain, answers there.
 *
 * @example
 * const client = await connectChain("http://127.0.0.1:8545", getDevelopmentAccount(0));
 * await deployContracts(client);
 */
export async function connectChain<A extends Account | undefined>(
  rpcUrl: string,
  account: A,
  options: RpcTransportOptions = {},
): Promise<Client<Transport, Chain, A>> {
  const transport = createRpcTransport(rpcUrl, options);
  const id = await getChainId(createClient({ transport })).catch((error: unknown) => {
    throw toClientError(error, { action: "ask the chain for its id", rpcUrl });
  });
  return createClient({
    chain: describeChain(id, rpcUrl),
    transport,
    account,
    pollingInterval: POLLING_INTERVAL_MS,
    cacheTime: 0,
  }) as Client<Transport, Chain, A>;
}

/** What viem has to know of a chain in order to sign for it. */
export function describeChain(id: number, rpcUrl: string): Chain {
  return defineChain({
    id,
    name: id === 31_337 ? "local development chain" : `chain ${id}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}

/** An account of the public development mnemonic, by its number. For development chains only. */
export function getDevelopmentAccount(addressIndex: number) {
  return mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex });
}
