import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface TransferOptions extends ApplyOptions {
  /** The zero address is Ether. */
  readonly token: Hex;
  readonly to: Hex;
  /** Base units. */
  readonly amount: bigint;
}

export interface TransferResult extends AppliedAt {
  readonly from: Hex;
  readonly to: Hex;
  readonly token: Hex;
  readonly amount: bigint;
}

/**
 * Moves a balance to another account, inside the application.
 *
 * @throws OperationRefused: amount_zero, recipient_not_payable, balance_too_low.
 * @example
 * await transfer(client, { token: zeroAddress, to: "0xb0b…", amount: 5n });
 */
export async function transfer(
  client: TallyrollClient,
  { token, to, amount, ...options }: TransferOptions,
): Promise<TransferResult> {
  const body = { kind: "transfer", token: hexToBytes(token), to: hexToBytes(to), amount } as const;
  const { at, fields } = await applyOperation(client, body, "Transferred", options);
  return { ...at, ...fields };
}
