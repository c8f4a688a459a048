import { type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import { getTransactionReceipt } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader } from "./chain-client.ts";
import { ChainBusy, toClientError } from "./contract-errors.ts";
import { poll } from "./poll.ts";

const TIMEOUT_MS = 180_000;

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

/**
 * Waits until a transaction is in a block, by the client's polling interval. In place of viem's own
 * waiting, which hides that a chain is gone: it goes on for three minutes, and its timer keeps a
 * process alive that has given up. It looks for this transaction only: one that its sender replaced
 * is awaited in vain.
 *
 * @returns Its receipt, also where it was reverted.
 * @throws ChainUnreachable as soon as nothing answers; ChainBusy where it stays so; WaitTimeout; as
 * `toClientError`.
 * @example
 * const hash = await writeContract(client, request);
 * const { gasUsed } = await waitForReceipt(client, hash);
 */
export async function waitForReceipt(client: ChainReader, hash: Hex): Promise<TransactionReceipt> {
  const look = async (): Promise<TransactionReceipt | undefined> => {
    try {
      return await findReceipt(client, hash);
    } catch (error) {
      throw toClientError(error, { action: "read a receipt" });
    }
  };
  return await poll(look, {
    pollMs: client.pollingInterval,
    timeoutMs: TIMEOUT_MS,
    awaited: () => `The block of transaction ${hash}`,
    isTransient: (error) => error instanceof ChainBusy,
  });
}
