import { formatEther, getContract } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { NoFunds } from "../../chain/contract-errors.ts";
import { CONTRACTS, ERC20_ABI, PORTAL_ABI } from "../../chain/contracts.ts";
import { SentNotConfirmed, type SentPlace } from "../../chain/sent-not-confirmed.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "./call-chain.ts";
import { ETHER, type TokenAmount } from "./ether.ts";
import { waitForSuccess } from "./find-success.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import {
  type AppliedAt,
  type InputResult,
  type WaitOptions,
  waitForSent,
} from "./wait-for-input.ts";

/** What the application credited. */
export interface DepositResult extends AppliedAt, TokenAmount {
  readonly account: Hex;
}

/** What was sent to a portal. */
export interface SentDeposit extends TokenAmount {
  readonly transactionHash: Hex;
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

export interface DepositErc20Options extends WaitOptions, TokenAmount {
  /** Approves the amount to the portal first, where the allowance is too low. */
  readonly approve?: boolean;
  /** How an error writes an amount: in base units by default. */
  readonly tellAmount?: TellAmount;
}

type TellAmount = (amount: bigint) => string;

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
    { token, amount, amountText }: Omit<SentDeposit, "transactionHash">,
    cause: ClientError,
  ) {
    super(
      `The ERC-20 portal may take ${amountText} from the account now, but nothing was ` +
        `deposited: ${cause.shortMessage}`,
      { whatToDo: `${cause.whatToDo} Then deposit again: the approval stays.`, cause },
    );
    this.token = token;
    this.amount = amount;
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
  { token, amount, approve = false, ...options }: DepositErc20Options,
): Promise<DepositResult> {
  const { tellAmount = (value) => `${value} base units`, ...wait } = options;
  const wallet = requireWallet(client);
  const { address } = wallet.account;
  const { read } = getContract({ address: token, abi: ERC20_ABI, client: client.publicClient });
  const balance = await callChain(client, `read the balance of ${token}`, () =>
    read.balanceOf([address]),
  );
  if (balance < amount) throw new TokenBalanceTooLow(token, balance, amount, tellAmount);
  const allowance = await callChain(client, `read the allowance of ${token}`, () =>
    read.allowance([address, CONTRACTS.erc20Portal]),
  );
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
  await waitForSuccess(client, hash, "The approval was sent and nothing deposited yet", {
    ...{ pollMs, timeoutMs },
    awaited: () => `The approval's transaction ${hash}`,
  });
}

/** Checks that the account can pay for both transactions: half of a deposit helps nobody. */
async function requireGas(client: TallyrollClient, token: Hex, amount: bigint): Promise<void> {
  const { address } = requireWallet(client).account;
  const { publicClient } = client;
  const [balanceWei, approvalGas, { maxFeePerGas }] = await callChain(
    client,
    "estimate the gas of the deposit",
    () =>
      Promise.all([
        publicClient.getBalance({ address }),
        publicClient.estimateContractGas({
          ...{ account: address, address: token, abi: ERC20_ABI, functionName: "approve" },
          args: [CONTRACTS.erc20Portal, amount],
        }),
        publicClient.estimateFeesPerGas(),
      ]),
  );
  const costWei = (approvalGas + DEPOSIT_GAS) * maxFeePerGas;
  if (balanceWei >= costWei) return;
  throw new NoFunds(
    `The account ${address} has ${formatEther(balanceWei)} ETH on the chain, and approval and deposit ` +
      `may take ${formatEther(costWei)} ETH of gas; nothing was sent.`,
    { whatToDo: "Send Ether to the account first." },
  );
}
