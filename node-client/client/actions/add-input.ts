import { bytesToHex } from "viem";
import { PAYLOAD_BYTES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { CONTRACTS, INPUT_BOX_ABI } from "../../chain/contracts.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
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
