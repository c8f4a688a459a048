import type { Command } from "commander";
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
import { answer } from "../money/money-json.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import {
  addTokenOptions,
  type ChosenToken,
  chooseToken,
  readTokenUnits,
  type TokenOptions,
  unitsOf,
} from "../money/token-option.ts";
import { act, type CommandActor, requireBalance } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
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

const MINT_HELP = `
The token is worth nothing: anybody can make any amount of it. It is there to try what takes an
ERC-20 with.

Examples:
  $ tallyroll mint 500 --dev-account 1
  $ tallyroll deposit 200 --token local --approve --dev-account 1`;

const NoTestToken = errorKind("NoTestToken");

export function addMoneyCommands(program: Command, terminal: Terminal): void {
  const group = new CommandGroup(program, terminal);
  addDepositCommand(group);
  addPaymentCommands(group);
  addBalanceCommand(group);
}

function addDepositCommand(program: CommandGroup): void {
  program
    .signer("deposit", "put Ether or tokens into the application")
    .argument("<amount>", "such as 1.5")
    .with(addTokenOptions)
    .flag("--approve", "let the portal take the tokens first, where it may not yet")
    .help(DEPOSIT_HELP)
    .run(async (online, text) => {
      const { client, options, terminal } = online;
      const { token, units } = await chooseToken(online);
      const amount = parseAmount(text, units);
      const tellAmount = (some: bigint): string => formatAmount(some, units);
      terminal.progress(() => `depositing ${tellAmount(amount)}`);
      const { approve } = options;
      const result: DepositResult =
        options.token === undefined
          ? await depositEther(client, { amountWei: amount })
          : await depositErc20(client, { token, amount, approve, tellAmount });
      // The deposit is credited: that its sum cannot be read now does not make the command fail.
      const { account } = result;
      const balance = await getBalance(client, { account, token }).catch((error: unknown) => {
        if (!(error instanceof ClientError)) throw error;
        terminal.note(`The balance could not be read: ${error.shortMessage}`);
        return null;
      });
      const sum = balance === null ? "" : `; the balance is ${tellAmount(balance)}`;
      const words = `${tellAmount(amount)} deposited (input ${result.inputIndex})${sum}.\n`;
      await answer(online, { ...result, balance }, words);
    });
}

function addPaymentCommands(program: CommandGroup): void {
  program
    .operation("transfer", "pay another account inside the application")
    .argument("<amount>", "such as 1.5")
    .argument("<to>", "the account that gets it", parseAddressHex)
    .with(addTokenOptions)
    .help(TRANSFER_HELP)
    .run(async (online, text, to) => {
      const { token, amount, units } = await choosePayment(online, text);
      await act(online, transfer, {
        fields: { token, to, amount },
        describe: (_, { inputIndex }) =>
          `${formatAmount(amount, units)} paid to ${to} (input ${inputIndex}).`,
      });
    });
  program
    .operation("withdraw", "take money out of the application, by a voucher")
    .argument("<amount>", "such as 1.5")
    .with(addTokenOptions)
    .option("--to <address>", "who is paid on chain (default: the account)", parseAddressHex)
    .help(WITHDRAW_HELP)
    .run(async (online, text) => {
      const { token, amount, units } = await choosePayment(online, text);
      const recipient = online.options.to ?? online.address;
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

/** What the command line pays, of what the account has. */
async function choosePayment(
  online: CommandActor & { readonly options: TokenOptions },
  text: string,
): Promise<ChosenToken & { readonly amount: bigint }> {
  const chosen = await chooseToken(online);
  const payment = { ...chosen, amount: parseAmount(text, chosen.units) };
  await requireBalance(online, payment);
  return payment;
}

function addBalanceCommand(program: CommandGroup): void {
  program
    .accountReader("balance", "show what an account has inside the application")
    .with(addTokenOptions)
    .help(BALANCE_HELP)
    .run(async (online) => {
      const { client, connection, options, account } = online;
      const { token, units } = await chooseToken(online);
      const amount = await getBalance(client, { account, token });
      const balances = [{ token, units, amount }];
      const other = connection.local?.token ?? undefined;
      if (options.token === undefined && other !== undefined) {
        const held = await getBalance(client, { account, token: other });
        const shown = await unitsOf(client, other, options);
        if (held > 0n) balances.push({ token: other, units: shown, amount: held });
      }
      const json = balances.map(({ units: _, ...balance }) => balance);
      const words = balances.map((one) => `${formatAmount(one.amount, one.units)}\n`);
      await answer(online, { account, token, amount, balances: json }, words.join(""));
    });
}

export function addMintCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .signer("mint", "make test tokens of the local rollup for the account")
    .argument("<amount>", "such as 500")
    .help(MINT_HELP)
    .run(async (online, text) => {
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
      const words = `${formatAmount(amount, units)} made for ${address} at ${token}.\n`;
      await answer(online, { account: address, token, amount }, words);
    });
}
