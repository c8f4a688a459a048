import type { TransactionReceipt } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { findReceipt, requireSuccess, TransactionReverted } from "../../chain/find-receipt.ts";
import { poll } from "../../chain/poll.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
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

/**
 * Waits until a transaction that was sent is in a block.
 *
 * @param sent Begins the sentence where that is not found out, such as "The approval was sent".
 * @throws TransactionReverted, SentNotConfirmed.
 */
export async function waitForSuccess(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl">,
  hash: Hex,
  sent: string,
  wait: Parameters<typeof poll>[1],
): Promise<TransactionReceipt> {
  try {
    return await poll(() => findSuccess(client, hash), wait);
  } catch (error) {
    if (error instanceof TransactionReverted || !(error instanceof ClientError)) throw error;
    throw new SentNotConfirmed(sent, { transactionHash: hash, inputIndex: undefined }, error);
  }
}
