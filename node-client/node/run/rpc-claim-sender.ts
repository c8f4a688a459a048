import type { Hex } from "../../../spec/outputs.ts";
import { ask, readHead } from "../../chain/ask-chain.ts";
import type { ChainWriter } from "../../chain/chain-client.ts";
import { submitClaim } from "../../chain/submit-claim.ts";
import type { NodeIdentity } from "../store/node-store.ts";
import type { ClaimSender } from "./claimer.ts";

/** When a block counts as settled: the chain says so, or it has so many blocks above it. */
export type Settlement = "finalized" | { readonly confirmations: number };

/** The application's consensus behind a JSON-RPC provider, and the account that claims there. */
export function createRpcClaimSender(
  client: ChainWriter,
  { app, consensus }: NodeIdentity,
  settlement: Settlement,
): ClaimSender {
  return {
    async getSettledBlockNumber() {
      if (settlement === "finalized") return (await readHead(client, "finalized")).number;
      return (await readHead(client)).number - settlement.confirmations;
    },
    submit: ({ lastBlock, outputsMerkleRoot }) =>
      submitClaim(client, {
        app,
        consensus,
        lastProcessedBlockNumber: lastBlock,
        // The store lists epochs with a computed claim only.
        outputsMerkleRoot: outputsMerkleRoot as Hex,
      }),
    async isAlive(transactionHash) {
      const receipt = await ask(client, "eth_getTransactionReceipt", [transactionHash]);
      if (receipt !== null) return (receipt as { status?: unknown }).status === "0x1";
      return (await ask(client, "eth_getTransactionByHash", [transactionHash])) !== null;
    },
  };
}
