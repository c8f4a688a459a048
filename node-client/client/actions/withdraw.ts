import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import {
  type AppliedAt,
  type ApplyOptions,
  actorOf,
  applyOperation,
  NoticeMissing,
} from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface WithdrawOptions extends ApplyOptions {
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** Who is paid on chain; the withdrawing account unless told. */
  readonly recipient?: Hex;
}

export interface WithdrawResult extends AppliedAt {
  readonly account: Hex;
  readonly recipient: Hex;
  readonly token: Hex;
  readonly amount: bigint;
  /** The voucher: `executeOutput` pays it out once its epoch's claim is accepted. */
  readonly outputIndex: number;
}

/**
 * Takes a balance out of the application, by a voucher that anybody may execute on chain.
 *
 * @throws OperationRefused: amount_zero, recipient_not_payable, balance_too_low.
 * @example
 * const { outputIndex } = await withdraw(client, { token: zeroAddress, amount: 5n });
 * await executeOutput(client, { outputIndex });
 */
export async function withdraw(
  client: TallyrollClient,
  { token, amount, recipient, ...options }: WithdrawOptions,
): Promise<WithdrawResult> {
  const body = {
    kind: "withdraw",
    token: hexToBytes(token),
    recipient: recipient === undefined ? actorOf(client, options.relay) : hexToBytes(recipient),
    amount,
  } as const;
  const { at, fields, vouchers } = await applyOperation(client, body, "Withdrawn", options);
  const [payout] = vouchers;
  if (payout === undefined) throw new NoticeMissing(at.inputIndex, "of the payout's voucher");
  return { ...at, ...fields, outputIndex: payout.outputIndex };
}
