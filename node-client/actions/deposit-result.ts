import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { AppliedAt } from "./apply-operation.ts";
import type { InputResult } from "./input-result.ts";

/** What the application credited. */
export interface DepositResult extends AppliedAt {
  readonly account: Hex;
  /** The zero address is Ether. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/** A deposit is on chain, and the application has not credited it. */
export class DepositNotCredited extends ClientError {
  override readonly name = "DepositNotCredited";
  readonly result: InputResult;

  constructor(result: InputResult) {
    const returned = result.notices.find(({ name }) => name === "DepositReturned");
    const [refused] = result.refusals;
    const because = returned ? "sent it back by voucher" : (refused?.refusal ?? result.status);
    super(`The deposit in input ${result.inputIndex} was not credited: ${because}.`, {
      whatToDo: returned
        ? "Execute the voucher with executeOutput to get the asset back."
        : "Check that the portal and the application are of the same version.",
    });
    this.result = result;
  }
}

/**
 * A deposit's notice as a result.
 *
 * @throws DepositNotCredited where there is none.
 */
export function readDeposit(transactionHash: Hex, result: InputResult): DepositResult {
  const deposited = result.notices.find((notice) => notice.name === "Deposited");
  if (deposited === undefined) throw new DepositNotCredited(result);
  const { inputIndex, blockNumber } = result;
  return { ...{ inputIndex, blockNumber, transactionHash }, ...deposited.args };
}
