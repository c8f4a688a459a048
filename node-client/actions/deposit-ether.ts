import { CONTRACTS, PORTAL_ABI } from "../chain/contracts.ts";
import { callChain } from "./call-chain.ts";
import { type DepositResult, readDeposit } from "./deposit-result.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import { type WaitOptions, waitForInput } from "./wait-for-input.ts";

export interface DepositEtherOptions extends WaitOptions {
  readonly amountWei: bigint;
}

/**
 * Deposits Ether through its portal, and waits until the application has credited it.
 *
 * @throws NoFunds where the account has too little, DepositNotCredited, and what `callChain` and
 * `waitForInput` throw.
 * @example
 * const { amount } = await depositEther(client, { amountWei: 10n ** 18n });
 */
export async function depositEther(
  client: TallyrollClient,
  { amountWei, ...wait }: DepositEtherOptions,
): Promise<DepositResult> {
  const wallet = requireWallet(client);
  const transactionHash = await callChain(client, "deposit Ether", () =>
    wallet.writeContract({
      address: CONTRACTS.etherPortal,
      abi: PORTAL_ABI,
      functionName: "depositEther",
      // The application ignores what a deposit asks it to execute.
      args: [client.app, "0x"],
      value: amountWei,
    }),
  );
  return readDeposit(transactionHash, await waitForInput(client, { transactionHash, ...wait }));
}
