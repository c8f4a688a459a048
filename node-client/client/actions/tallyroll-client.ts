import {
  type Chain,
  createPublicClient,
  createWalletClient,
  hexToBytes,
  isAddress,
  type LocalAccount,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import type { Crypto } from "../../../spec/crypto.ts";
import { nobleCrypto } from "../../../spec/crypto-noble.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { describeChain } from "../../chain/chain-client.ts";
import { createImpatientTransport } from "../../chain/rpc-transport.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { inspectApplication } from "./inspect-application.ts";
import type { NodeMethod, NodeMethods } from "./node-methods.ts";
import type { Query } from "./query-refused.ts";
import { requestNode } from "./request-node.ts";

export const DEFAULT_RPC_URL = "http://127.0.0.1:8545";
export const DEFAULT_NODE_URL = "http://127.0.0.1:10011/rpc";
export const DEFAULT_INSPECT_URL = "http://127.0.0.1:10012";

export interface TallyrollClientOptions {
  /** The application's contract. */
  readonly app: string;
  /** How to reach the chain: a URL, or a transport of viem's. */
  readonly chain?: { readonly rpcUrl: string } | { readonly transport: Transport };
  /** Left out, the chain is asked for it. Given, nothing is asked until it is needed. */
  readonly chainId?: number;
  /** The node's JSON-RPC API. */
  readonly nodeUrl?: string;
  /** The node's inspect API, without the path. */
  readonly inspectUrl?: string;
  /** Who signs transactions; without one the client only reads. */
  readonly account?: LocalAccount;
  /** `nobleCrypto` unless given, which runs everywhere. Node's own, OpenSSL's, is faster. */
  readonly crypto?: Crypto;
  /** The way to the node and to a chain by its URL; the host's own `fetch` unless given. */
  readonly fetch?: typeof fetch;
  readonly timeouts?: {
    /** For one answer of the node or the chain. */
    readonly requestMs?: number;
    /** Between two looks at what is awaited. */
    readonly pollMs?: number;
  };
}

/** What every action takes first. It has no state but its connections. */
export interface TallyrollClient {
  /** Lower case. */
  readonly app: Hex;
  readonly chainId: number;
  /** The same two as the protocol's encoders take them. */
  readonly at: { readonly chainId: bigint; readonly app: Uint8Array };
  readonly rpcUrl: string;
  readonly nodeUrl: string;
  readonly inspectUrl: string;
  readonly publicClient: PublicClient<Transport, Chain>;
  readonly walletClient: WalletClient<Transport, Chain, LocalAccount> | undefined;
  readonly crypto: Crypto;
  readonly pollMs: number;
  /** One request of the node's JSON-RPC API. See `requestNode` for its errors. */
  requestNode<Method extends NodeMethod>(
    method: Method,
    params: NodeMethods[Method]["params"],
  ): Promise<NodeMethods[Method]["result"]>;
  /** One query of the state, in wire shapes. See `inspectApplication` for its errors. */
  inspect<Answer>(query: Query): Promise<Answer>;
}

/** An option of the client makes no sense. */
export class ClientOptionsInvalid extends ClientError {
  override readonly name = "ClientOptionsInvalid";
}

/** An action that sends a transaction was called on a client that only reads. */
export class AccountMissing extends ClientError {
  override readonly name = "AccountMissing";

  constructor() {
    super("This action sends a transaction, and the client has no account to sign it.", {
      whatToDo: "Give createTallyrollClient an account, such as privateKeyToAccount(key).",
    });
  }
}

/**
 * A client of one application: its chain, its node, and perhaps an account. Works with our node and
 * the official one.
 *
 * @throws ClientOptionsInvalid, and where the chain has to be asked for its id, what `callChain`
 * throws.
 * @example
 * const client = await createTallyrollClient({
 *   app: "0xab…", chain: { rpcUrl: "http://127.0.0.1:8545" }, account: privateKeyToAccount(key),
 * });
 * await depositEther(client, { amountWei: 10n ** 18n });
 */
export async function createTallyrollClient(
  options: TallyrollClientOptions,
): Promise<TallyrollClient> {
  const app = options.app.toLowerCase() as Hex;
  if (!isAddress(app)) {
    throw new ClientOptionsInvalid(`"${options.app}" is not an application's address.`, {
      whatToDo: "Give 0x and 40 hexadecimal digits, as `tallyroll start` shows them.",
    });
  }
  const { requestMs: timeoutMs = 10_000, pollMs = 200 } = options.timeouts ?? {};
  const { account, crypto = nobleCrypto, fetch: fetchFn } = options;
  const way = options.chain ?? { rpcUrl: DEFAULT_RPC_URL };
  const rpcUrl = "rpcUrl" in way ? way.rpcUrl : "the given transport";
  const transport =
    "rpcUrl" in way
      ? createImpatientTransport(checkUrl(way.rpcUrl), timeoutMs, fetchFn)
      : way.transport;
  const nodeUrl = checkUrl(options.nodeUrl ?? DEFAULT_NODE_URL);
  const inspectUrl = checkUrl(options.inspectUrl ?? DEFAULT_INSPECT_URL).replace(/\/+$/, "");

  const asker = createPublicClient({ transport });
  const chainId =
    options.chainId ??
    (await callChain({ rpcUrl }, "read the chain's id", () => asker.getChainId()));
  const chain = describeChain(chainId, rpcUrl);
  const common = { chain, transport, pollingInterval: pollMs, cacheTime: 0 };
  return {
    app,
    chainId,
    at: { chainId: BigInt(chainId), app: hexToBytes(app) },
    ...{ rpcUrl, nodeUrl, inspectUrl, pollMs },
    publicClient: createPublicClient(common),
    walletClient: account && createWalletClient({ ...common, account }),
    crypto,
    requestNode: (method, params) => requestNode({ nodeUrl, timeoutMs, fetchFn }, method, params),
    inspect: (query) => inspectApplication({ inspectUrl, app, timeoutMs, fetchFn }, query),
  };
}

/**
 * The client's account and its means to send.
 *
 * @throws AccountMissing when the client only reads.
 */
export function requireWallet({
  walletClient,
}: TallyrollClient): WalletClient<Transport, Chain, LocalAccount> {
  if (walletClient === undefined) throw new AccountMissing();
  return walletClient;
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new ClientOptionsInvalid(`"${url}" is not a URL.`, {
    whatToDo: `Give one such as ${DEFAULT_NODE_URL}.`,
  });
}
