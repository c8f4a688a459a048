import { parseEventLogs } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { ClientError } from "../../errors.ts";
import { findSuccess } from "./find-success.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** An input that a transaction added, as the InputBox's event tells it. */
export interface AddedInput {
  readonly inputIndex: number;
  readonly blockNumber: number;
  /** The EvmAdvance blob: it changes when a reorganisation moves the transaction. */
  readonly blob: Hex;
}

/**
 * A transaction went through without an input of our application: another line of contracts, where
 * calls to addresses without code succeed silently, or another application's transaction.
 */
export class InputNotAdded extends ClientError {
  override readonly name = "InputNotAdded";
  readonly transactionHash: Hex;

  constructor(transactionHash: Hex, app: Hex) {
    super(`The transaction ${transactionHash} added no input to the application ${app}.`, {
      whatToDo: `Check with checkClient that contracts of the right line are on this chain, and the application's address.`,
    });
    this.transactionHash = transactionHash;
  }
}

/**
 * The input that a transaction added to our application, the first where it added several;
 * `undefined` as long as the transaction is in no block.
 *
 * @throws TransactionReverted, InputNotAdded, and what `callChain` throws.
 */
export async function findAddedInput(
  client: Pick<TallyrollClient, "publicClient" | "rpcUrl" | "app">,
  transactionHash: Hex,
): Promise<AddedInput | undefined> {
  const receipt = await findSuccess(client, transactionHash);
  if (receipt === undefined) return undefined;
  const added = parseEventLogs({ abi: INPUT_BOX_ABI, eventName: "InputAdded", logs: receipt.logs });
  const ours = added.find(
    ({ address, args }) =>
      address.toLowerCase() === CONTRACTS.inputBox && args.appContract.toLowerCase() === client.app,
  );
  if (ours === undefined) throw new InputNotAdded(transactionHash, client.app);
  return {
    inputIndex: Number(ours.args.index),
    blockNumber: Number(receipt.blockNumber),
    blob: ours.args.input,
  };
}
