import { type Command, InvalidArgumentError } from "commander";
import { formatEther } from "viem";
import { ContractReverted } from "../../chain/contract-errors.ts";
import { TransactionReverted } from "../../chain/find-receipt.ts";
import { executeOutput, VoucherRefused } from "../../client/actions/execute-output.ts";
import { isPayout, listOutputs, type OutputInfo } from "../../client/actions/node-outputs.ts";
import {
  ClaimNotAccepted,
  ClaimRejected,
  wasOutputExecuted,
} from "../../client/actions/output-on-chain.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { ClientError } from "../../errors.ts";
import type { Online, ReaderOptions } from "../connection/online.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { noteWait } from "./describe-output.ts";

const HELP = `
A voucher can be executed once the claim of its epoch is accepted on chain. Shows first what it will
cost, waits for the claim and says when it may come, then has it executed; anybody may, whoever is
paid: an account without Ether lets another one do it, by --keystore or --dev-account. A voucher that
was executed before costs nothing and is not an error.

--all takes every voucher that pays this account and was not executed yet. One that cannot be
executed is named, and does not keep the others; the exit code is 2 then.

Examples:
  $ tallyroll execute 12 --dev-account 0
  $ tallyroll execute --all --dev-account 0
  $ tallyroll execute 12 --no-wait --keystore me.json`;

export function addExecuteCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .signer("execute", "have a voucher executed on chain, once its claim is there")
    .argument("[output]", "its index", parseIndex)
    .flag("--all", "every voucher that pays this account")
    .flag("--no-wait", "end with exit code 2 where the claim is not there yet")
    .help(HELP)
    .check(({ all }, index) => {
      if ((index === undefined) !== !all) return;
      throw new InvalidArgumentError("Give either the index of an output, or --all.");
    })
    .run(async (online, index) => {
      const { client, address, options } = online;
      const indices = index === undefined ? await listPayouts(client, address) : [index];
      if (indices.length === 0) terminal.note("There is no voucher of this account to execute.");
      const { results, failure } = await executeEach(online, indices);
      const isToPrint = options.json && (options.all || failure === undefined);
      // Also before a failure: what was paid must be known.
      if (isToPrint) await terminal.print(formatJson({ executions: results }));
      if (failure !== undefined) throw failure;
    });
}

interface Executor extends Online {
  readonly options: ReaderOptions & { readonly all: boolean; readonly wait: boolean };
}

/**
 * One after the other. A voucher that cannot be executed, such as a transfer of a token that was
 * paused, does not keep the others from being paid; what would stop every one stops here.
 *
 * @returns What became of each, and the first failure.
 */
async function executeEach(online: Executor, indices: readonly number[]) {
  const { options, terminal } = online;
  const results: object[] = [];
  let failure: unknown;
  for (const outputIndex of indices) {
    try {
      results.push(await execute(online, outputIndex));
    } catch (error) {
      if (!isOfOneVoucher(error)) return { results, failure: error };
      failure ??= error;
      const { shortMessage } = error;
      const refused =
        error instanceof VoucherRefused ? { contract: error.contract, said: error.reason } : {};
      results.push({ outputIndex, status: "failed", reason: shortMessage, ...refused });
      if (options.all) terminal.note(`Output ${outputIndex} is not executed: ${shortMessage}`);
    }
  }
  return { results, failure };
}

const isOfOneVoucher = (error: unknown): error is ClientError =>
  error instanceof ContractReverted ||
  error instanceof VoucherRefused ||
  error instanceof TransactionReverted ||
  error instanceof ClaimNotAccepted ||
  error instanceof ClaimRejected;

async function execute(
  { client, options, terminal }: Executor,
  outputIndex: number,
): Promise<object> {
  const result = await executeOutput(client, {
    outputIndex,
    waitForClaim: options.wait,
    onGas: ({ gas, costWei }) =>
      terminal.note(
        `Output ${outputIndex}: about ${gas} gas, at most ${formatEther(costWei)} ETH.`,
      ),
    onWait: noteWait(terminal),
  });
  const by = result.transactionHash ?? "a transaction the node has not seen yet";
  const line =
    result.status === "executed"
      ? `Output ${outputIndex} is executed: ${by}, ${result.gasUsed} gas.`
      : `Output ${outputIndex} was executed before: ${by}.`;
  if (!options.json) await terminal.printLine(line);
  // Gas is a count, no money.
  const gas = result.status === "executed" ? { gasUsed: Number(result.gasUsed) } : {};
  return { outputIndex, ...result, ...gas };
}

/** Vouchers that are not executed and pay an account: Ether to it, or a token's transfer to it. */
async function listPayouts(client: TallyrollClient, account: string): Promise<number[]> {
  const found: number[] = [];
  for (const kind of ["voucher", "delegate_call_voucher"] as const) {
    for await (const output of listOutputs(client, { kind })) {
      const { outputIndex, executionTransactionHash } = output;
      if (executionTransactionHash !== undefined || !pays(output, account)) continue;
      // The node may not have seen yet what the command before this one did.
      if (!(await wasOutputExecuted(client, { outputIndex }))) found.push(outputIndex);
    }
  }
  return found.sort((a, b) => a - b);
}

/** A token's voucher names whom it pays as an argument, in a word of its own. */
function pays(output: OutputInfo, account: string): boolean {
  if (!isPayout(output)) return false;
  if (output.kind === "voucher" && output.destination === account) return true;
  const words: readonly string[] = output.payload.slice(10).match(/.{64}/g) ?? [];
  return words.includes(account.slice(2).padStart(64, "0"));
}
