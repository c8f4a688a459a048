import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface SetLowBalanceOptions extends ApplyOptions {
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units; 0 ends the notices. */
  readonly threshold: bigint;
}

export interface SetLowBalanceResult extends AppliedAt {
  readonly account: Hex;
  readonly token: Hex;
  readonly threshold: bigint;
}

/**
 * Asks for the notice `BalanceLow` whenever the account's balance falls below a threshold.
 *
 * @throws What `applyOperation` throws.
 * @example
 * await setLowBalance(client, { token: zeroAddress, threshold: 10n ** 17n });
 */
export async function setLowBalance(
  client: TallyrollClient,
  { token, threshold, ...options }: SetLowBalanceOptions,
): Promise<SetLowBalanceResult> {
  const body = { kind: "set_low_balance", token: hexToBytes(token), threshold } as const;
  const { at, fields } = await applyOperation(client, body, "LowBalanceSet", options);
  return { ...at, ...fields };
}
