import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { mintTestToken, TEST_TOKEN } from "../../chain/deploy-token.ts";
import { getBalance } from "../../client/actions/account-queries.ts";
import { transfer, withdraw } from "../../client/actions/balance-actions.ts";
import {
  type DepositResult,
  depositErc20,
  depositEther,
} from "../../client/actions/deposit-actions.ts";
import { requireWallet } from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import {
  type ActorOptions,
  addActorOptions,
  connect,
  connectActor,
  findAccountAddress,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import {
  addTokenOptions,
  chooseToken,
  readTokenUnits,
  type TokenOptions,
  unitsOf,
} from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

const DEPOSIT_HELP = `
Moves Ether, or an ERC-20 with --token, from the account into the application, through its portal.

Examples:
  $ tallyroll deposit 1.5 --dev-account 1
  $ tallyroll deposit 200 --token local --approve --dev-account 1`;

const TRANSFER_HELP = `
Moves money from account to account inside the application. The payer needs no Ether where somebody
relays for them.

Examples:
  $ tallyroll transfer 0.25 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --dev-account 1
  $ tallyroll transfer 5 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --relay-out pay.json --keystore me.json
  $ tallyroll relay pay.json --dev-account 2`;

const WITHDRAW_HELP = `
Takes money out of the application. It is paid by a voucher, once the claim of its epoch is on chain:
\`tallyroll execute\` waits for that and has it paid.

Examples:
  $ tallyroll withdraw 0.5 --dev-account 0
  $ tallyroll withdraw 100 --token local --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --dev-account 0`;

const BALANCE_HELP = `
Without --token it is Ether, and the local rollup's test token where the account has some. Other tokens
are asked for by their address; \`tallyroll wallet statement\` finds all that an account ever had.

Examples:
  $ tallyroll balance --dev-account 0
  $ tallyroll balance 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --token local --json`;

type Payment = OperationOptions & TokenOptions;

/** `tallyroll deposit`, `transfer`, `withdraw` and `balance`: money in, about and out. */
export function addMoneyCommands(program: Command, terminal: Terminal): void {
  for (const add of [addDepositCommand, addTransferCommand, addWithdrawCommand, addBalanceCommand])
    add(program, terminal);
}

function addDepositCommand(program: Command, terminal: Terminal): void {
  type Deposit = ActorOptions & TokenOptions & { readonly approve: boolean };
  addTokenOptions(addActorOptions(program.command("deposit").argument("<amount>", "such as 1.5")))
    .description("put Ether or tokens into the application")
    .option("--approve", "let the portal take the tokens first, where it may not yet", false)
    .addHelpText("after", DEPOSIT_HELP)
    .action((amount: string, options: Deposit) => deposit(amount, options, terminal));
}

function addTransferCommand(program: Command, terminal: Terminal): void {
  addTokenOptions(addOperationOptions(program.command("transfer")))
    .argument("<amount>", "such as 1.5")
    .argument("<to>", "the account that gets it", parseAddressHex)
    .description("pay another account inside the application")
    .addHelpText("after", TRANSFER_HELP)
    .action(async (text: string, to: Hex, options: Payment) => {
      const online = await connectToAct(options, terminal);
      const { token, units } = await chooseToken(online, options);
      const amount = parseAmount(text, units);
      await requireBalance(online, { token, amount, units });
      await act(online, transfer, {
        fields: { token, to, amount },
        describe: (_, { inputIndex }) =>
          `${formatAmount(amount, units)} paid to ${to} (input ${inputIndex}).`,
      });
    });
}

function addWithdrawCommand(program: Command, terminal: Terminal): void {
  addTokenOptions(
    addOperationOptions(program.command("withdraw").argument("<amount>", "such as 1.5")),
  )
    .description("take money out of the application, by a voucher")
    .option("--to <address>", "who is paid on chain (default: the account)", parseAddressHex)
    .addHelpText("after", WITHDRAW_HELP)
    .action(async (text: string, options: Payment & { readonly to?: Hex }) => {
      const online = await connectToAct(options, terminal);
      const { token, units } = await chooseToken(online, options);
      const amount = parseAmount(text, units);
      await requireBalance(online, { token, amount, units });
      const recipient = options.to ?? online.address;
      await act(online, withdraw, {
        fields: { token, recipient, amount },
        more: ({ outputIndex }) => ({ outputIndex }),
        describe: ({ outputIndex }, { inputIndex }) => [
          `${formatAmount(amount, units)} withdrawn for ${recipient} (input ${inputIndex}): ` +
            `voucher ${outputIndex}.`,
          `Have it paid with \`tallyroll execute ${outputIndex}\`.`,
        ],
      });
    });
}

function addBalanceCommand(program: Command, terminal: Terminal): void {
  addTokenOptions(addActorOptions(program.command("balance")))
    .argument("[account]", "whose (default: the account that would sign)", parseAddressHex)
    .description("show what an account has inside the application")
    .addHelpText("after", BALANCE_HELP)
    .action(async (given: Hex | undefined, options: ActorOptions & TokenOptions) => {
      const account = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const { client, connection } = online;
      const { token, units } = await chooseToken(online, options);
      const amount = await getBalance(client, { account, token });
      const balances = [{ token, units, amount }];
      const other = connection.local?.token ?? undefined;
      if (options.token === undefined && other !== undefined) {
        const held = await getBalance(client, { account, token: other });
        const shown = await unitsOf(client, other, options);
        if (held > 0n) balances.push({ token: other, units: shown, amount: held });
      }
      await answer(
        online,
        {
          ...{ account, token, amount },
          balances: balances.map(({ units: _, ...balance }) => balance),
        },
        balances.map((one) => `${formatAmount(one.amount, one.units)}\n`).join(""),
      );
    });
}

async function deposit(
  text: string,
  options: ActorOptions & TokenOptions & { readonly approve: boolean },
  terminal: Terminal,
): Promise<void> {
  const online = await connectActor(options, terminal);
  const { token, units } = await chooseToken(online, options);
  const amount = parseAmount(text, units);
  terminal.progress(() => `depositing ${formatAmount(amount, units)}`);
  const { approve } = options;
  const tellAmount = (some: bigint): string => formatAmount(some, units);
  const result: DepositResult =
    options.token === undefined
      ? await depositEther(online.client, { amountWei: amount })
      : await depositErc20(online.client, { token, amount, approve, tellAmount });
  // The deposit is credited: that its sum cannot be read now does not make the command fail.
  const { account } = result;
  const balance = await getBalance(online.client, { account, token }).catch((error: unknown) => {
    if (!(error instanceof ClientError)) throw error;
    terminal.note(`The balance could not be read: ${error.shortMessage}`);
    return null;
  });
  const sum = balance === null ? "" : `; the balance is ${formatAmount(balance, units)}`;
  await answer(
    online,
    { ...result, balance },
    `${formatAmount(amount, units)} deposited (input ${result.inputIndex})${sum}.\n`,
  );
}

const HELP = `
The token is worth nothing: anybody can make any amount of it. It is there to try what takes an
ERC-20 with.

Examples:
  $ tallyroll mint 500 --dev-account 1
  $ tallyroll deposit 200 --token local --approve --dev-account 1`;

/** No local rollup, so no test token either. */
class NoTestToken extends ClientError {
  override readonly name = "NoTestToken";
}

/** `tallyroll mint`: test tokens of the local rollup, for the account. */
export function addMintCommand(program: Command, terminal: Terminal): void {
  addActorOptions(program.command("mint").argument("<amount>", "such as 500"))
    .description("make test tokens of the local rollup for the account")
    .addHelpText("after", HELP)
    .action(async (text: string, options: ActorOptions) => {
      const online = await connectActor(options, terminal);
      const { client, connection, address } = online;
      const token = connection.local?.token;
      if (token !== TEST_TOKEN) {
        throw new NoTestToken("Only a local rollup has a test token.", {
          whatToDo: "Start one with `tallyroll start`, or get the token that you mean elsewhere.",
        });
      }
      const units = await readTokenUnits(client, token);
      const amount = parseAmount(text, units);
      await mintTestToken(requireWallet(client), address, amount);
      await answer(
        online,
        { account: address, token, amount },
        `${formatAmount(amount, units)} made for ${address} at ${token}.\n`,
      );
    });
}
