import type { Hex } from "../../../spec/outputs.ts";
import { SentNotConfirmed, type SentPlace } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
import type { AppliedAt } from "./apply-operation.ts";
import type { InputResult } from "./input-result.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { WaitOptions } from "./wait-for-input.ts";
import { waitForSent } from "./wait-for-sent.ts";

/** What the application credited. */
export interface DepositResult extends AppliedAt {
  readonly account: Hex;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/** What was sent to a portal. */
export interface SentDeposit {
  readonly transactionHash: Hex;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** The amount as the error shows it, such as "0.1 ETH". */
  readonly amountText: string;
}

/** A deposit was sent, and whether it was credited is not known. The money has left the account. */
export class DepositNotConfirmed extends SentNotConfirmed {
  override readonly name = "DepositNotConfirmed";
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;

  constructor({ token, amount, amountText }: SentDeposit, place: SentPlace, cause: ClientError) {
    super(`${amountText} deposited`, place, cause);
    this.token = token;
    this.amount = amount;
  }
}

/** A deposit is on chain, and the application has not credited it. */
export class DepositNotCredited extends ClientError {
  override readonly name = "DepositNotCredited";
  readonly result: InputResult;
  readonly transactionHash: Hex;
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;

  constructor({ transactionHash, token, amount, amountText }: SentDeposit, result: InputResult) {
    const returned = result.notices.find(({ name }) => name === "DepositReturned");
    const [refused] = result.refusals;
    const because = returned ? "sent it back by voucher" : (refused?.refusal ?? result.status);
    super(`${amountText} deposited (input ${result.inputIndex}), but not credited: ${because}.`, {
      whatToDo: returned
        ? "Execute the voucher with executeOutput to get the asset back."
        : "Check that the portal and the application are of the same version.",
    });
    this.result = result;
    this.transactionHash = transactionHash;
    this.token = token;
    this.amount = amount;
  }
}

/**
 * Waits until the application has credited a deposit.
 *
 * @throws DepositNotConfirmed, DepositNotCredited, and TransactionReverted, where nothing has moved.
 */
export async function waitForDeposit(
  client: TallyrollClient,
  deposit: SentDeposit,
  wait: WaitOptions,
): Promise<DepositResult> {
  const { transactionHash } = deposit;
  const result = await waitForSent(client, {
    ...{ transactionHash, ...wait },
    describe: (place, cause) => new DepositNotConfirmed(deposit, place, cause),
  });
  const deposited = result.notices.find((notice) => notice.name === "Deposited");
  if (deposited === undefined) throw new DepositNotCredited(deposit, result);
  const { inputIndex, blockNumber } = result;
  return { ...{ inputIndex, blockNumber, transactionHash }, ...deposited.args };
}
