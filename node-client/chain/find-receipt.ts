import { type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import { getTransactionReceipt } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader } from "./chain-client.ts";

/** A transaction is in a block, and was reverted there. */
export class TransactionReverted extends ClientError {
  override readonly name = "TransactionReverted";
  readonly transactionHash: Hex;

  constructor(transactionHash: Hex) {
    super(`The transaction ${transactionHash} was reverted on chain.`, {
      whatToDo: "Send it again with more gas; what it was to move has not moved.",
    });
    this.transactionHash = transactionHash;
  }
}

/**
 * A transaction's receipt, also where it was reverted; `undefined` as long as it is in no block.
 *
 * @throws viem's errors as they are.
 */
export async function findReceipt(
  client: ChainReader,
  hash: Hex,
): Promise<TransactionReceipt | undefined> {
  try {
    return await getTransactionReceipt(client, { hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

/** @throws TransactionReverted where it was. */
export function requireSuccess(receipt: TransactionReceipt): TransactionReceipt {
  if (receipt.status === "reverted") throw new TransactionReverted(receipt.transactionHash);
  return receipt;
}
