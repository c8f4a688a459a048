import { formatEther } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { ChainRefused, ContractReverted, NoFunds } from "../../chain/contract-errors.ts";
import { APPLICATION_ABI } from "../../chain/contracts.ts";
import { TransactionReverted } from "../../chain/find-receipt.ts";
import { poll } from "../../chain/poll.ts";
import type { RevertName } from "../../chain/revert-advice.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { ETHER } from "./ether.ts";
import { waitForSuccess } from "./find-success.ts";
import {
  type DelegateCallVoucherOutput,
  getOutput,
  isPayout,
  type OutputInfo,
  readPayout,
  type VoucherOutput,
} from "./node-outputs.ts";
import {
  type ClaimWaitOptions,
  type ExecutionCost,
  estimateExecution,
  toValidityProof,
  waitForClaim,
  wasOutputExecuted,
} from "./output-on-chain.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";

export interface ExecuteOutputOptions extends ClaimWaitOptions {
  readonly outputIndex: number;
  /**
   * Called once before anything is sent: before the wait, where the RPC can simulate, else after it.
   * A throw stops the execution.
   */
  readonly onGas?: (cost: ExecutionCost) => void | Promise<void>;
}

export type ExecuteOutputResult =
  | {
      readonly status: "executed";
      readonly transactionHash: Hex;
      readonly blockNumber: number;
      readonly gasUsed: bigint;
    }
  /** Somebody did before; the node may not have seen yet by which transaction. */
  | { readonly status: "executed_before"; readonly transactionHash: Hex | undefined };

/** Only vouchers can be executed. */
export class OutputNotExecutable extends ClientError {
  override readonly name = "OutputNotExecutable";

  constructor({ outputIndex, kind }: OutputInfo) {
    super(`Output ${outputIndex} is a ${kind}: there is nothing to execute.`, {
      whatToDo: "Execute vouchers; a notice is checked by validateOutput.",
    });
  }
}

/** Whoever would execute a voucher has no Ether for the gas. */
export class ExecutorWithoutEther extends ClientError {
  override readonly name = "ExecutorWithoutEther";

  constructor(account: Hex, balanceWei: bigint, outputIndex: number, cause?: unknown) {
    super(
      `The account ${account} has ${formatEther(balanceWei)} ETH on the chain, too little for the ` +
        `gas of executing output ${outputIndex}; nothing was sent.`,
      {
        whatToDo:
          "Any account may execute it, and it pays whom it pays: use another one that has Ether.",
        cause,
      },
    );
  }
}

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

const RECEIPT_TIMEOUT_MS = 120_000;

/**
 * Has a voucher executed by the application's contract: tells what that costs, waits until the
 * claim of its epoch is accepted, sends the transaction and waits for its block. Calling it again
 * pays nothing twice.
 *
 * @throws OutputNotExecutable for a notice, what `waitForClaim` throws, ContractReverted with the
 * application's error (InsufficientFunds, InvalidOutputsMerkleRoot and others), VoucherRefused by
 * whom it pays or the token, ExecutorWithoutEther, and SentNotConfirmed once it is sent.
 * @example
 * await executeOutput(client, {
 *   outputIndex: 3, onGas: ({ gas, costWei }) => console.log(`${gas} gas, ${costWei} wei`),
 * });
 */
export async function executeOutput(
  client: TallyrollClient,
  { outputIndex, onGas, ...wait }: ExecuteOutputOptions,
): Promise<ExecuteOutputResult> {
  requireWallet(client);
  const output = await getOutput(client, { outputIndex });
  if (!isPayout(output)) throw new OutputNotExecutable(output);
  if (await wasOutputExecuted(client, { outputIndex }))
    return await describeExecuted(client, outputIndex);
  await requireEther(client, outputIndex);
  const early =
    onGas && (await tellWhoRefused(output, async () => await estimateEarly(client, output)));
  if (early !== undefined) await onGas?.(early);

  const provable = await waitForClaim(client, { outputIndex, ...wait });
  if (onGas !== undefined && early === undefined) {
    const options = { isClaimAccepted: true };
    await onGas(
      await tellWhoRefused(output, async () => await estimateExecution(client, provable, options)),
    );
  }
  try {
    return await tellWhoRefused(output, async () => await sendExecution(client, provable));
  } catch (error) {
    // Somebody else was quicker: the voucher is paid, which is all that was wanted. Nodes that
    // estimate on the pending block say so before that payment is in a block.
    const isTaken =
      error instanceof ContractReverted && error.errorName === "OutputNotReexecutable";
    const isLate =
      error instanceof TransactionReverted && (await wasOutputExecuted(client, { outputIndex }));
    if (error instanceof NoFunds) {
      const balanceWei = await readEther(client);
      throw new ExecutorWithoutEther(addressOf(client), balanceWei, outputIndex, error);
    }
    if (!isTaken && !isLate) throw error;
    await poll(async () => (await wasOutputExecuted(client, { outputIndex })) || undefined, {
      pollMs: client.pollMs,
      timeoutMs: RECEIPT_TIMEOUT_MS,
      awaited: () => `The block of another's execution of output ${outputIndex}`,
    });
    return await describeExecuted(client, outputIndex);
  }
}

const addressOf = (client: TallyrollClient): Hex =>
  requireWallet(client).account.address.toLowerCase() as Hex;

const readEther = (client: TallyrollClient): Promise<bigint> =>
  callChain(client, "read the account's Ether", () =>
    client.publicClient.getBalance({ address: addressOf(client) }),
  );

/** Found before the wait for the claim, which can take long: whoever has nothing pays no gas. */
async function requireEther(client: TallyrollClient, outputIndex: number): Promise<void> {
  const balanceWei = await readEther(client);
  if (balanceWei === 0n) throw new ExecutorWithoutEther(addressOf(client), 0n, outputIndex);
}

/** The cost before the claim is there; `undefined` where the RPC cannot simulate. */
async function estimateEarly(
  client: TallyrollClient,
  output: OutputInfo,
): Promise<ExecutionCost | undefined> {
  return await estimateExecution(client, output).catch((error) => {
    if (error instanceof ChainRefused) return undefined;
    throw error;
  });
}

async function sendExecution(
  client: TallyrollClient,
  output: OutputInfo,
): Promise<ExecuteOutputResult> {
  const proof = toValidityProof(output);
  if (proof === undefined) throw new RangeError("an accepted claim's output has its siblings");
  const transactionHash = await callChain(client, `execute output ${output.outputIndex}`, () =>
    requireWallet(client).writeContract({
      address: client.app,
      abi: APPLICATION_ABI,
      functionName: "executeOutput",
      args: [output.raw, proof],
    }),
  );
  const sent = `The execution of output ${output.outputIndex} was sent`;
  const { blockNumber, gasUsed } = await waitForSuccess(client, transactionHash, sent, {
    pollMs: client.pollMs,
    timeoutMs: RECEIPT_TIMEOUT_MS,
    awaited: () => `The block of transaction ${transactionHash}`,
  });
  return { status: "executed", transactionHash, blockNumber: Number(blockNumber), gasUsed };
}

async function describeExecuted(
  client: TallyrollClient,
  outputIndex: number,
): Promise<ExecuteOutputResult> {
  const { executionTransactionHash } = await getOutput(client, { outputIndex });
  return { status: "executed_before", transactionHash: executionTransactionHash };
}
