import type { Hex } from "../../spec/outputs.ts";
import { CONTRACTS, ERC20_ABI, PORTAL_ABI } from "../chain/contracts.ts";
import { poll } from "../chain/poll.ts";
import { ClientError } from "../errors.ts";
import { callChain } from "./call-chain.ts";
import { type DepositResult, readDeposit } from "./deposit-result.ts";
import { findSuccess } from "./find-success.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";
import { type WaitOptions, waitForInput } from "./wait-for-input.ts";

export interface DepositErc20Options extends WaitOptions {
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
  /** Approves the amount to the portal first, where the allowance is too low. */
  readonly approve?: boolean;
  /** How an error tells an amount: in base units unless told. */
  readonly tellAmount?: TellAmount;
}

type TellAmount = (amount: bigint) => string;

const tellBaseUnits: TellAmount = (amount) => `${amount} base units`;

/** The account holds less of the token than it deposits. */
export class TokenBalanceTooLow extends ClientError {
  override readonly name = "TokenBalanceTooLow";

  constructor(token: Hex, balance: bigint, amount: bigint, tell: TellAmount = tellBaseUnits) {
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

  constructor(token: Hex, allowance: bigint, amount: bigint, tell: TellAmount = tellBaseUnits) {
    super(
      `The ERC-20 portal may take ${tell(allowance)} of the token ${token} from the account, which ` +
        `is less than the deposit's ${tell(amount)}; nothing was sent.`,
      { whatToDo: `Approve it first: \`approve: true\`, or approve(${CONTRACTS.erc20Portal}, …).` },
    );
  }
}

const TIMEOUT_MS = 60_000;

/**
 * Deposits an ERC-20 through its portal, and waits until the application has credited it. Tokens
 * that take fees or rebase are not supported by the application.
 *
 * @throws TokenBalanceTooLow, AllowanceTooLow, DepositNotCredited, and what `callChain` and
 * `waitForInput` throw.
 * @example
 * await depositErc20(client, { token, amount: 500n, approve: true });
 */
export async function depositErc20(
  client: TallyrollClient,
  { token, amount, approve = false, tellAmount, ...wait }: DepositErc20Options,
): Promise<DepositResult> {
  const wallet = requireWallet(client);
  const balance = await readBalance(client, token);
  if (balance < amount) throw new TokenBalanceTooLow(token, balance, amount, tellAmount);
  const allowance = await readAllowance(client, token);
  if (allowance < amount) {
    if (!approve) throw new AllowanceTooLow(token, allowance, amount, tellAmount);
    await approvePortal(client, token, amount, wait);
  }
  const transactionHash = await callChain(client, "deposit the token", () =>
    wallet.writeContract({
      address: CONTRACTS.erc20Portal,
      abi: PORTAL_ABI,
      functionName: "depositERC20Tokens",
      args: [token, client.app, amount, "0x"],
    }),
  );
  return readDeposit(transactionHash, await waitForInput(client, { transactionHash, ...wait }));
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
  await poll(() => findSuccess(client, hash), { pollMs, timeoutMs, awaited });
}
