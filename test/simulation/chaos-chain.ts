import { encodeFunctionData } from "viem";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { APPLICATION_ABI } from "../../node-client/chain/contracts.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { TestChain } from "../integration/fixtures/test-chain.ts";
import type { ChaosSender } from "./chaos-load.ts";
import type { DumpedRow } from "./node-dump.ts";

/** Executes whatever can be; it owns nothing and claims nothing. */
const EXECUTOR = getDevelopmentAccount(8);
const GAS_PRICE = 20_000_000_000n;

/** In one block: asking for each of them takes time. */
const EXECUTIONS_MAX = 20;

/**
 * The chain of the chaos test: mines when it is told, is reorganised, and is served by clients that
 * send again what it dropped.
 */
export class ChaosChain {
  readonly #chain: TestChain;
  readonly #senders: readonly ChaosSender[];

  constructor(chain: TestChain, senders: readonly ChaosSender[]) {
    this.#chain = chain;
    this.#senders = senders;
  }

  /** One JSON-RPC call. */
  async call<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    return (await this.#chain.client.request({ method, params } as never)) as T;
  }

  /** Sends what no block holds, then mines one. True when nothing was left to send. */
  async mine(): Promise<boolean> {
    let isEverythingMined = true;
    for (const { account, sent } of this.#senders) {
      const mined = await this.countMined(account.address);
      isEverythingMined &&= mined === sent.length;
      await this.#sendAll(sent.slice(mined).map(({ raw }) => raw));
    }
    await this.call("evm_mine");
    return isEverythingMined;
  }

  /** Takes the last blocks back, and puts as many empty ones in their place. */
  async reorganise(depth: number): Promise<void> {
    await this.call("anvil_reorg", [depth, []]);
  }

  /** Executes the vouchers among these outputs that the contract lets through now. */
  async execute(outputs: readonly DumpedRow[]): Promise<number> {
    const waiting = outputs.filter(
      (output) =>
        output.output_hashes_siblings !== null && output.execution_transaction_hash === null,
    );
    let nonce = await this.countMined(EXECUTOR.address);
    const raws: Hex[] = [];
    for (const { index, raw_data, output_hashes_siblings } of waiting.slice(0, EXECUTIONS_MAX)) {
      const proof = {
        outputIndex: BigInt(index as Hex),
        outputHashesSiblings: output_hashes_siblings as Hex[],
      };
      const data = encodeFunctionData({
        abi: APPLICATION_ABI,
        functionName: "executeOutput",
        args: [raw_data as Hex, proof],
      });
      const to = this.#chain.contracts.app;
      const call = { from: EXECUTOR.address, to, data };
      const isAllowed = await this.call("eth_call", [call, "latest"]).then(
        () => true,
        () => false,
      );
      if (!isAllowed) continue;
      const fees = { type: "legacy", gas: 500_000n, gasPrice: GAS_PRICE, chainId: 31_337 } as const;
      raws.push(await EXECUTOR.signTransaction({ ...fees, to, data, nonce }));
      nonce += 1;
    }
    await this.#sendAll(raws);
    return raws.length;
  }

  /** The events of an address that begin with this topic. */
  async listEvents(address: Hex, topic: Hex): Promise<{ readonly data: Hex }[]> {
    const filter = { address, topics: [topic], fromBlock: "0x0", toBlock: "latest" };
    return await this.call("eth_getLogs", [filter]);
  }

  /** Transactions of an account that blocks hold. */
  async countMined(account: Hex): Promise<number> {
    return Number(await this.call<Hex>("eth_getTransactionCount", [account, "latest"]));
  }

  async #sendAll(raws: readonly Hex[]): Promise<void> {
    await Promise.all(
      raws.map((raw) =>
        this.call("eth_sendRawTransaction", [raw]).catch((error: unknown) => {
          // It waits for its block already, or another of its nonce does.
          if (!/already (known|imported)|underpriced|nonce too low/i.test(String(error))) {
            throw error;
          }
        }),
      ),
    );
  }
}
