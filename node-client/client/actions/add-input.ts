import { bytesToHex, parseEventLogs } from "viem";
import { PAYLOAD_BYTES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { findSuccess } from "./find-success.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";

/** How a transaction is sent, where viem should not decide. */
export interface SendOptions {
  /** The account's transaction nonce, to have several transactions on their way at once. */
  readonly nonce?: number;
  /** Gas limit; estimated unless given. */
  readonly gas?: bigint;
}

/** A payload is longer than the InputBox takes. */
export class PayloadTooLarge extends ClientError {
  override readonly name = "PayloadTooLarge";

  constructor(byteCount: number) {
    super(`A payload of ${byteCount} bytes is over the ${PAYLOAD_BYTES_MAX} that an input holds.`, {
      whatToDo: "Spread what it carries over several inputs.",
    });
  }
}

/**
 * Sends a payload to the application through the InputBox, as it is. Returns once the chain has the
 * transaction, not yet a block: see `waitForInput`.
 *
 * @throws AccountMissing, PayloadTooLarge, and what `callChain` throws.
 * @example
 * const { transactionHash } = await addInput(client, { payload: "0x01…" });
 */
export async function addInput(
  client: TallyrollClient,
  { payload, nonce, gas }: { readonly payload: Hex | Uint8Array } & SendOptions,
): Promise<{ readonly transactionHash: Hex }> {
  const wallet = requireWallet(client);
  const data = typeof payload === "string" ? payload : bytesToHex(payload);
  const byteCount = (data.length - 2) / 2;
  if (byteCount > PAYLOAD_BYTES_MAX) throw new PayloadTooLarge(byteCount);
  const transactionHash = await callChain(client, "send the input", () =>
    wallet.writeContract({
      address: CONTRACTS.inputBox,
      abi: INPUT_BOX_ABI,
      functionName: "addInput",
      args: [client.app, data],
      ...(nonce === undefined ? {} : { nonce }),
      ...(gas === undefined ? {} : { gas }),
    }),
  );
  return { transactionHash };
}

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
