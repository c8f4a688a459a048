import type { TransactionReceipt } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { findReceipt, requireSuccess } from "../../chain/find-receipt.ts";
import { callChain } from "./call-chain.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * A transaction's receipt; `undefined` as long as it is in no block.
 *
 * @throws TransactionReverted, and what `callChain` throws.
 */
export async function findSuccess(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl">,
  hash: Hex,
): Promise<TransactionReceipt | undefined> {
  const receipt = await callChain(client, "read a receipt", () =>
    findReceipt(client.publicClient, hash),
  );
  return receipt && requireSuccess(receipt);
}
