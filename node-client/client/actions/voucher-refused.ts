import type { Hex } from "../../../spec/outputs.ts";
import { ContractReverted } from "../../chain/contract-errors.ts";
import type { RevertName } from "../../chain/revert-advice.ts";
import { ClientError } from "../../errors.ts";
import { ETHER } from "./ether.ts";
import { readPayout } from "./is-payout.ts";
import type { DelegateCallVoucherOutput, VoucherOutput } from "./output-info.ts";

type Payable = VoucherOutput | DelegateCallVoucherOutput;

/** What the application's own contract refuses an execution for; everything else is beneath it. */
const OWN_ERRORS: readonly RevertName[] = [
  "InsufficientFunds",
  "InvalidOutputHashesSiblingsArrayLength",
  "InvalidOutputsMerkleRoot",
  "OutputNotExecutable",
  "OutputNotReexecutable",
  "ReentrancyGuardReentrantCall",
];

/** The contract that a voucher pays, or whose token it pays, refused. The voucher stays good. */
export class VoucherRefused extends ClientError {
  override readonly name = "VoucherRefused";
  readonly outputIndex: number;
  /** The contract that refused: the recipient, or the token. */
  readonly contract: Hex;
  /** What it gave as its reason, in printable characters. */
  readonly reason: string;

  constructor(output: Payable, cause: ContractReverted) {
    const token = readPayout(output)?.token ?? ETHER;
    const contract = token === ETHER ? output.destination : token;
    super(
      `The contract ${contract} refused voucher ${output.outputIndex}: ${cause.reason}; nothing was ` +
        "paid, and the voucher stays good.",
      {
        whatToDo:
          "Execute it again once that contract takes it; its owner may know why it does not.",
        cause,
      },
    );
    this.outputIndex = output.outputIndex;
    this.contract = contract;
    this.reason = cause.reason;
  }
}

/** Runs a part of an execution, its refusals in the words of who refused. */
export async function tellWhoRefused<Result>(
  output: Payable,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ContractReverted)) throw error;
    if (error.errorName !== undefined && OWN_ERRORS.includes(error.errorName)) throw error;
    throw new VoucherRefused(output, error);
  }
}
