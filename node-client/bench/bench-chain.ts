import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "../../spec/outputs.ts";
import { ask } from "../chain/ask-chain.ts";
import { type ChainWriter, connectChain, getDevelopmentAccount } from "../chain/chain-client.ts";
import { CONTRACTS } from "../chain/contracts.ts";
import { deployApplication, deployContracts } from "../chain/deploy-contracts.ts";
import { type Anvil, startAnvil } from "../node/anvil/anvil.ts";
import { findFreePort } from "../node/anvil/free-port.ts";
import { LOCAL_GAS_LIMIT, OPERATOR_ACCOUNT } from "../node/local-rollup.ts";

/** Owns the application and claims; it sends no inputs. */
const EPOCH_BLOCKS = 10;
/** Transactions in one JSON-RPC request: anvil takes small ones fastest so. */
const BATCH_TRANSACTIONS = 50;
const COUNT_INPUTS = "0x61a93c87";

/** A signed transaction and when it was sent, by the clock of `performance.now()`. */
export interface TimedTransaction {
  readonly raw: Hex;
  sentAtMs: number;
}

/** A chain of a benchmark's own with the contracts and an application, equal every time. */
export class BenchChain {
  readonly rpcUrl: string;
  readonly app: Hex;
  /** For the node's data; goes with the chain. */
  readonly folder: string;
  readonly #anvil: Anvil;
  readonly #client: ChainWriter;

  private constructor(anvil: Anvil, client: ChainWriter, app: Hex) {
    this.#anvil = anvil;
    this.#client = client;
    this.rpcUrl = anvil.rpcUrl;
    this.app = app;
    this.folder = mkdtempSync(join(tmpdir(), "tallyroll-bench-"));
  }

  /** Mines a block a transaction until `mineEvery`. */
  static async start(): Promise<BenchChain> {
    const anvil = await startAnvil({ port: await findFreePort(), gasLimit: LOCAL_GAS_LIMIT });
    try {
      const client = await connectChain(anvil.rpcUrl, getDevelopmentAccount(OPERATOR_ACCOUNT));
      await deployContracts(client);
      const { app } = await deployApplication(client, {
        templateHash: `0x${"be".repeat(32)}`,
        epochLength: EPOCH_BLOCKS,
        salt: `0x${"00".repeat(32)}`,
      });
      return new BenchChain(anvil, client, app);
    } catch (error) {
      await anvil.stop();
      throw error;
    }
  }

  async mineEvery(seconds: number): Promise<void> {
    await ask(this.#client, "anvil_setIntervalMining", [seconds]);
  }

  /** Sends one account's transactions in order, many in a request; notes when each was sent. */
  async sendAll(transactions: readonly TimedTransaction[]): Promise<void> {
    for (let from = 0; from < transactions.length; from += BATCH_TRANSACTIONS) {
      await this.send(transactions.slice(from, from + BATCH_TRANSACTIONS));
    }
  }

  /** Sends transactions in one request. */
  async send(transactions: readonly TimedTransaction[]): Promise<void> {
    const calls = transactions.map(({ raw }, id) => ({
      jsonrpc: "2.0",
      id,
      method: "eth_sendRawTransaction",
      params: [raw],
    }));
    const nowMs = performance.now();
    for (const transaction of transactions) transaction.sentAtMs = nowMs;
    const answers = (await post(this.rpcUrl, calls)) as { readonly error?: unknown }[];
    const refused = answers.find(({ error }) => error !== undefined);
    if (refused !== undefined) throw new Error(`anvil refused: ${JSON.stringify(refused.error)}`);
  }

  /** Inputs of the application in blocks. */
  async countInputs(): Promise<number> {
    const data = `${COUNT_INPUTS}${this.app.slice(2).padStart(64, "0")}`;
    return Number(
      await ask(this.#client, "eth_call", [{ to: CONTRACTS.inputBox, data }, "latest"]),
    );
  }

  /** Gas that a mined transaction took. */
  async getGasUsed(transactionHash: Hex): Promise<number> {
    const receipt = await ask(this.#client, "eth_getTransactionReceipt", [transactionHash]);
    return Number((receipt as { gasUsed: Hex }).gasUsed);
  }

  async stop(): Promise<void> {
    await this.#anvil.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** One JSON-RPC request, single or a batch. */
export async function post(url: string, body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return await response.json();
}
