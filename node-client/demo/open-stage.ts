import { setImmediate as nextTurn } from "node:timers/promises";
import { http, type LocalAccount, type Transport } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Hex } from "../../spec/outputs.ts";
import { ask, toQuantity } from "../chain/ask-chain.ts";
import { getDevelopmentAccount } from "../chain/chain-client.ts";
import { getBalance } from "../client/actions/account-queries.ts";
import { callChain } from "../client/actions/call-chain.ts";
import { ETHER } from "../client/actions/ether.ts";
import {
  createTallyrollClient,
  requireWallet,
  type TallyrollClient,
} from "../client/actions/tallyroll-client.ts";
import type { LocalRollup } from "../node/local-rollup.ts";
import { check } from "./demo-error.ts";

/** Blocks after an epoch's end until the node takes it for final (`--slots-in-an-epoch 1`). */
const BLOCKS_TO_FINAL = 3;
/** The chain is on this computer: looking often costs little. */
const POLL_MS = 50;

/** Everybody who acts in the demo, each by a client of their own, as users have one. */
export interface Stage {
  readonly rollup: LocalRollup;
  /** Owns the weather station; pays for their own operations. */
  readonly ownerA: TallyrollClient;
  /** Owns the environment sensor, and has no Ether at all: signs, and others send. */
  readonly ownerB: LocalAccount;
  /** Sends what devices and accounts have signed, and pays the gas. */
  readonly gateway: TallyrollClient;
  readonly buyer: TallyrollClient;
  /** Writes a line under the step's title. */
  say(line: string): Promise<void>;
  /**
   * Between pieces of long work that waits for nothing: lets the process hear meanwhile that the
   * demo is to end. Throws why, once it is.
   */
  pause(): Promise<void>;
}

/**
 * Connects everybody to the rollup.
 *
 * @param print Takes one line after the other.
 * @param signal Once it is aborted no client asks chain or node any more, so that whatever waits for
 * an answer ends at once.
 */
export async function openStage(
  rollup: LocalRollup,
  print: (line: string) => Promise<void>,
  signal: AbortSignal,
): Promise<Stage> {
  const { app, chainId, rpcUrl, running } = rollup;
  const connect = async (account: LocalAccount): Promise<TallyrollClient> => {
    const client = await createTallyrollClient({
      ...{ app, chainId, account },
      chain: { transport: endTransport(signal, http(rpcUrl)) },
      nodeUrl: running.urls.rpc,
      inspectUrl: running.urls.inspect,
      timeouts: { pollMs: POLL_MS },
    });
    return endWith(signal, client);
  };
  return {
    rollup,
    ownerA: await connect(getDevelopmentAccount(0)),
    ownerB: privateKeyToAccount(generatePrivateKey()),
    gateway: await connect(getDevelopmentAccount(1)),
    buyer: await connect(getDevelopmentAccount(2)),
    say: (line) => print(`   ${line}`),
    async pause() {
      await nextTurn();
      signal.throwIfAborted();
    },
  };
}

/** Who acts by a client. */
export const addressOf = (client: TallyrollClient): Hex => requireWallet(client).account.address;

/**
 * Mines the blocks that the claim of a block's epoch waits for, in place of the time they take.
 *
 * @returns How many.
 */
export async function mineToClaim(
  { gateway, rollup }: Stage,
  blockNumber: number,
): Promise<number> {
  const { epochLength } = rollup.running.identity;
  const lastBlock = blockNumber - (blockNumber % epochLength) + epochLength - 1;
  const head = await callChain(gateway, "read the newest block", () =>
    gateway.publicClient.getBlockNumber(),
  );
  const count = Math.max(0, lastBlock + BLOCKS_TO_FINAL - Number(head));
  if (count > 0) await ask(gateway.publicClient, "anvil_mine", [toQuantity(count)]);
  return count;
}

/**
 * Compares what an account holds inside the application.
 *
 * @throws DemoError when it is something else.
 */
export async function expectBalances(
  { gateway, rollup }: Stage,
  account: Hex,
  wei: bigint,
  tokens: bigint,
): Promise<void> {
  const inWei = await getBalance(gateway, { account, token: ETHER });
  const inTokens = await getBalance(gateway, { account, token: rollup.token });
  check(inWei === wei && inTokens === tokens, `${account} holds ${wei} wei and ${tokens} TEST`);
}

/** Waiting is asking again and again: who is refused to ask has ended. The chain's part of it. */
function endTransport(signal: AbortSignal, transport: Transport): Transport {
  return (options) => {
    const made = transport(options);
    return {
      ...made,
      async request(call, how) {
        signal.throwIfAborted();
        return await made.request(call, how);
      },
    };
  };
}

/** The same for the node. */
function endWith(signal: AbortSignal, client: TallyrollClient): TallyrollClient {
  return {
    ...client,
    async requestNode(method, params) {
      signal.throwIfAborted();
      return await client.requestNode(method, params);
    },
    async inspect(query) {
      signal.throwIfAborted();
      return await client.inspect(query);
    },
  };
}
