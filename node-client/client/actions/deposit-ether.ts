import { formatEther } from "viem";
import { NoFunds } from "../../chain/contract-errors.ts";
import { CONTRACTS, PORTAL_ABI } from "../../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import { type DepositResult, waitForDeposit } from "./deposit-result.ts";
import { ETHER } from "./ether.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import type { WaitOptions } from "./wait-for-input.ts";

export interface DepositEtherOptions extends WaitOptions {
  readonly amountWei: bigint;
}

/**
 * Deposits Ether through its portal, and waits until the application has credited it.
 *
 * @throws NoFunds where the account has too little, DepositNotConfirmed and DepositNotCredited once
 * the money has left it, and what `callChain` throws.
 * @example
 * const { amount } = await depositEther(client, { amountWei: 10n ** 18n });
 */
export async function depositEther(
  client: TallyrollClient,
  { amountWei, ...wait }: DepositEtherOptions,
): Promise<DepositResult> {
  const wallet = requireWallet(client);
  const send = () =>
    callChain(client, "deposit Ether", () =>
      wallet.writeContract({
        address: CONTRACTS.etherPortal,
        abi: PORTAL_ABI,
        functionName: "depositEther",
        // The application ignores what a deposit asks it to execute.
        args: [client.app, "0x"],
        value: amountWei,
      }),
    );
  const transactionHash = await send().catch(async (error: unknown) => {
    throw error instanceof NoFunds ? await tellFunds(client, amountWei, error) : error;
  });
  const amountText = `${formatEther(amountWei)} ETH`;
  const deposit = { transactionHash, token: ETHER, amount: amountWei, amountText };
  return await waitForDeposit(client, deposit, wait);
}

/** The same error with what the account has on the chain; a chain that is gone by now adds none. */
async function tellFunds(
  client: TallyrollClient,
  amountWei: bigint,
  error: NoFunds,
): Promise<NoFunds> {
  const { address } = requireWallet(client).account;
  const balanceWei = await client.publicClient.getBalance({ address }).catch(() => undefined);
  if (balanceWei === undefined) return error;
  return new NoFunds(
    `The account ${address} has ${formatEther(balanceWei)} ETH on the chain, which is less than ` +
      `the deposit's ${formatEther(amountWei)} ETH and its gas; nothing was sent.`,
    { whatToDo: "Deposit less, or send Ether to the account first.", cause: error },
  );
}
