import { formatEther } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { NoFunds } from "../../chain/contract-errors.ts";
import { CONTRACTS, ERC20_ABI, PORTAL_ABI } from "../../chain/contracts.ts";
import { TransactionReverted } from "../../chain/find-receipt.ts";
import { poll } from "../../chain/poll.ts";
import { SentNotConfirmed } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { type DepositResult, waitForDeposit } from "./deposit-result.ts";
import { findSuccess } from "./find-success.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import type { WaitOptions } from "./wait-for-input.ts";

export interface DepositErc20Options extends WaitOptions {
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** Approves the amount to the portal first, where the allowance is too low. */
  readonly approve?: boolean;
  /** How an error writes an amount: in base units by default. */
  readonly tellAmount?: TellAmount;
}

type TellAmount = (amount: bigint) => string;

const tellBaseUnits: TellAmount = (amount) => `${amount} base units`;

/** The account holds less of the token than it deposits. */
export class TokenBalanceTooLow extends ClientError {
  override readonly name = "TokenBalanceTooLow";

  constructor(token: Hex, balance: bigint, amount: bigint, tell: TellAmount) {
    super(
      `The account holds ${tell(balance)} of the token ${token}, which is less than the deposit's ` +
        `${tell(amount)}; nothing was sent.`,
      { whatToDo: "Deposit less, or get more of the token first." },
    );
  }
}

/** The portal may not take as much of the token from the account. */
export class AllowanceTooLow extends ClientError {
  override readonly name = "AllowanceTooLow";

  constructor(token: Hex, allowance: bigint, amount: bigint, tell: TellAmount) {
    super(
      `The ERC-20 portal may take ${tell(allowance)} of the token ${token} from the account, which ` +
        `is less than the deposit's ${tell(amount)}; nothing was sent.`,
      { whatToDo: `Approve it first: \`approve: true\`, or approve(${CONTRACTS.erc20Portal}, …).` },
    );
  }
}

/** The portal may take the tokens now, and the deposit could not be sent. */
export class ApprovedNotDeposited extends ClientError {
  override readonly name = "ApprovedNotDeposited";
  readonly token: Hex;
  /** Base units that the portal may take. */
  readonly amount: bigint;

  constructor(
    approved: { readonly token: Hex; readonly amount: bigint; readonly amountText: string },
    cause: ClientError,
  ) {
    super(
      `The ERC-20 portal may take ${approved.amountText} from the account now, but nothing was ` +
        `deposited: ${cause.shortMessage}`,
      { whatToDo: `${cause.whatToDo} Then deposit again: the approval stays.`, cause },
    );
    this.token = approved.token;
    this.amount = approved.amount;
  }
}

const TIMEOUT_MS = 60_000;
/** Gas of a deposit, which cannot be estimated before its approval; about 95,000 for most tokens. */
const DEPOSIT_GAS = 150_000n;

/**
 * Deposits an ERC-20 through its portal, and waits until the application has credited it. Tokens
 * that take fees or rebase are not supported by the application.
 *
 * @throws TokenBalanceTooLow, AllowanceTooLow and NoFunds before anything is sent, SentNotConfirmed
 * for the approval, ApprovedNotDeposited after it, DepositNotConfirmed and DepositNotCredited once
 * the tokens have left the account, and what `callChain` throws.
 * @example
 * await depositErc20(client, { token, amount: 500n, approve: true });
 */
export async function depositErc20(
  client: TallyrollClient,
  { token, amount, approve = false, tellAmount = tellBaseUnits, ...wait }: DepositErc20Options,
): Promise<DepositResult> {
  const wallet = requireWallet(client);
  const balance = await readBalance(client, token);
  if (balance < amount) throw new TokenBalanceTooLow(token, balance, amount, tellAmount);
  const allowance = await readAllowance(client, token);
  if (allowance < amount) {
    if (!approve) throw new AllowanceTooLow(token, allowance, amount, tellAmount);
    await requireGas(client, token, amount);
    await approvePortal(client, token, amount, wait);
  }
  const send = () =>
    callChain(client, "deposit the token", () =>
      wallet.writeContract({
        address: CONTRACTS.erc20Portal,
        abi: PORTAL_ABI,
        functionName: "depositERC20Tokens",
        args: [token, client.app, amount, "0x"],
      }),
    );
  const amountText = tellAmount(amount);
  const transactionHash = await send().catch((error: unknown) => {
    const isApproved = allowance < amount && error instanceof ClientError;
    throw isApproved ? new ApprovedNotDeposited({ token, amount, amountText }, error) : error;
  });
  return await waitForDeposit(client, { transactionHash, token, amount, amountText }, wait);
}

async function readBalance(client: TallyrollClient, token: Hex): Promise<bigint> {
  const { address } = requireWallet(client).account;
  return await callChain(client, `read the balance of ${token}`, () =>
    client.publicClient.readContract({
      address: token,
      abi: ERC20_ABI,
      functionName: "balanceOf",
      args: [address],
    }),
  );
}

async function readAllowance(client: TallyrollClient, token: Hex): Promise<bigint> {
  const { address } = requireWallet(client).account;
  return await callChain(client, `read the allowance of ${token}`, () =>
    client.publicClient.readContract({
      address: token,
      abi: ERC20_ABI,
      functionName: "allowance",
      args: [address, CONTRACTS.erc20Portal],
    }),
  );
}

/** Lets the portal take exactly this much, and waits until it may. */
async function approvePortal(
  client: TallyrollClient,
  token: Hex,
  amount: bigint,
  { timeoutMs = TIMEOUT_MS, pollMs = client.pollMs }: WaitOptions,
): Promise<void> {
  const hash = await callChain(client, "approve the deposit", () =>
    requireWallet(client).writeContract({
      address: token,
      abi: ERC20_ABI,
      functionName: "approve",
      args: [CONTRACTS.erc20Portal, amount],
    }),
  );
  const awaited = (): string => `The approval's transaction ${hash}`;
  try {
    await poll(() => findSuccess(client, hash), { pollMs, timeoutMs, awaited });
  } catch (error) {
    if (error instanceof TransactionReverted || !(error instanceof ClientError)) throw error;
    const place = { transactionHash: hash, inputIndex: undefined };
    throw new SentNotConfirmed("The approval was sent and nothing deposited yet", place, error);
  }
}

/** Checks that the account can pay for both transactions: half of a deposit helps nobody. */
async function requireGas(client: TallyrollClient, token: Hex, amount: bigint): Promise<void> {
  const { address } = requireWallet(client).account;
  const { publicClient } = client;
  const { balanceWei, costWei } = await callChain(
    client,
    "estimate the gas of the deposit",
    async () => {
      const [balance, approvalGas, { maxFeePerGas }] = await Promise.all([
        publicClient.getBalance({ address }),
        publicClient.estimateContractGas({
          ...{ account: address, address: token, abi: ERC20_ABI, functionName: "approve" },
          args: [CONTRACTS.erc20Portal, amount],
        }),
        publicClient.estimateFeesPerGas(),
      ]);
      return { balanceWei: balance, costWei: (approvalGas + DEPOSIT_GAS) * maxFeePerGas };
    },
  );
  if (balanceWei >= costWei) return;
  throw new NoFunds(
    `The account ${address} has ${formatEther(balanceWei)} ETH on the chain, and approval and deposit ` +
      `may take ${formatEther(costWei)} ETH of gas; nothing was sent.`,
    { whatToDo: "Send Ether to the account first." },
  );
}
