import type { Command } from "commander";
import { formatEther, formatUnits } from "viem";
import { getBond, getLowBalance, getRoom } from "../../client/actions/account-queries.ts";
import { setLowBalance, withdrawBond } from "../../client/actions/balance-actions.ts";
import { ETHER } from "../../client/actions/ether.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import {
  readStatement,
  type StatementEnd,
  type StatementLine,
} from "../../client/statement/account-statement.ts";
import { countOf } from "../../count-of.ts";
import { connect, findAccountAddress } from "../connection/online.ts";
import { answer, formatMoneyJson } from "../money/money-json.ts";
import { formatAmount, parseAmountOrNone, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, nameUnits } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { examplesText } from "../options/help-text.ts";
import { parseMoment } from "../options/parse-arguments.ts";
import { formatCsvLine } from "../terminal/format-csv.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
Asks the application for the notice BalanceLow whenever a payment takes the account's balance below a
threshold: once a fall, not at every payment. 0 ends it. Without a threshold it shows what is set.
Escrows can refill themselves up to a limit: \`tallyroll escrow auto-fill\`.

Examples:
  $ tallyroll wallet low-balance 0.1 --dev-account 1
  $ tallyroll wallet low-balance --dev-account 1
  $ tallyroll outputs --notice BalanceLow`;

export function addWalletCommand(program: Command, terminal: Terminal): void {
  const examples = examplesText(
    "wallet statement --dev-account 1 > statement.csv",
    "wallet low-balance 0.1 --dev-account 1",
  );
  const about = "watch what an account has inside";
  const wallet = new CommandGroup(program, terminal).group("wallet", about, examples);
  addWalletStatementCommand(wallet);
  addBondCommand(wallet);
  const lowBalance = "ask for a notice when the balance falls below a threshold";
  wallet
    .local("low-balance", lowBalance)
    .with(addOperationOptions)
    .argument("[threshold]", "such as 0.1; 0 ends it (default: show what is set)")
    .with(addTokenOptions)
    .help(HELP)
    .run(async ({ options }, text) => {
      if (text === undefined) {
        const account = await findAccountAddress(undefined, options, terminal);
        const online = await connect(options, terminal);
        const { token, units } = await chooseToken(online);
        const set = await getLowBalance(online.client, { account, token });
        const limit =
          set.threshold === 0n ? "never" : `below ${formatAmount(set.threshold, units)}`;
        const words = `Told ${limit}; the balance is ${formatAmount(set.amount, units)}.\n`;
        await answer(online, { account, token, ...set }, words);
        return;
      }
      const online = await connectToAct(options, terminal);
      const { token, units } = await chooseToken(online);
      const threshold = parseAmountOrNone(text, units);
      await act(online, setLowBalance, {
        fields: { token, threshold },
        describe: () =>
          threshold === 0n
            ? "No notice is asked for any more."
            : `A notice comes when the balance falls below ${formatAmount(threshold, units)}.`,
      });
    });
}

const BOND_HELP = `
While a state is more than half full, each byte that an operation adds to it locks some Ether of the
account, its bond. It is released as the account's rows leave: tags of a withdrawn service, an intent
that ended, what a stream retains for a time. The rest stays locked. Shows both, and what a byte more
takes now; --withdraw brings what is released to the balance.

Examples:
  $ tallyroll wallet bond --dev-account 0
  $ tallyroll wallet bond --withdraw --dev-account 0`;

function addBondCommand(wallet: CommandGroup): void {
  wallet
    .local("bond", "show what is locked for bytes in the state, withdraw what is released")
    .with(addOperationOptions)
    .flag("--withdraw", "bring what is released to the balance")
    .help(BOND_HELP)
    .run(async ({ options, terminal }) => {
      if (options.withdraw) {
        await act(await connectToAct(options, terminal), withdrawBond, {
          fields: {},
          describe: ({ amount }) => `${formatEther(amount)} ether are in the balance again.`,
        });
        return;
      }
      const account = await findAccountAddress(undefined, options, terminal);
      const online = await connect(options, terminal);
      const bond = await getBond(online.client, { account });
      const room = await getRoom(online.client);
      const percent = Math.floor((100 * room.weight) / room.weightMax);
      const words =
        `${countOf(bond.bytes, "byte")} with ${formatEther(bond.locked)} ether locked, ` +
        `${formatEther(bond.released)} released. The state is ${percent} % full; ` +
        `a byte more takes ${room.bondPerByte} wei.\n`;
      await answer(online, { ...bond, ...room }, words);
    });
}

const STATEMENT_HELP = `
Every movement of an account's money inside the application as CSV: deposits, withdrawals, transfers,
channels and escrows, each with its date, block, input and the balance after it. It is made from the
notices; at the end the state is asked whether it holds the same. What a third party paid for a
channel in a sealed input is known to the machine only, and is named as a difference.

Examples:
  $ tallyroll wallet statement --dev-account 0 > statement.csv
  $ tallyroll wallet statement 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --from 2026-01-01
  $ tallyroll wallet statement --dev-account 0 --json`;

const COLUMNS = [
  ...["date", "input", "block", "kind", "amount", "symbol", "balance"],
  ...["counterparty", "reference", "token"],
];

function addWalletStatementCommand(wallet: CommandGroup): void {
  wallet
    .accountReader("statement", "list every movement of an account's money as CSV")
    .option("--from <time>", "from this time on: YYYY-MM-DD[ HH:MM:SS] in UTC", parseMoment)
    .option("--to <time>", "up to, but without, this time", parseMoment)
    .help(STATEMENT_HELP)
    .run(async ({ client, account, options, terminal }) => {
      const { from = 0, to = Number.POSITIVE_INFINITY, json } = options;
      const movements: StatementLine[] = [];
      if (!json) await terminal.printData(formatCsvLine(COLUMNS));
      const lines = readStatement(client, { account });
      let step = await lines.next();
      for (; step.done !== true; step = await lines.next()) {
        const line = step.value;
        terminal.progress(() => `input ${line.inputIndex}`);
        if (line.timestampSec < from || line.timestampSec >= to) continue;
        if (json) movements.push(line);
        else {
          const units = await nameUnits(client, line.token);
          await terminal.printData(formatCsvLine(toCells(line, units)));
        }
        if (terminal.isClosed) return;
      }
      const { balances } = step.value;
      if (json) {
        await terminal.print(await formatMoneyJson(client, { account, movements, balances }));
      }
      await tellEnd(client, balances, terminal);
    });
}

function toCells(line: StatementLine, units: TokenUnits): string[] {
  const { inputIndex, blockNumber, kind, amount, balance, counterparty, reference, token } = line;
  return [
    new Date(line.timestampSec * 1_000).toISOString().slice(0, 19).concat("Z"),
    ...[String(inputIndex), String(blockNumber), kind],
    ...[formatUnits(amount, units.decimals), units.symbol, formatUnits(balance, units.decimals)],
    ...[counterparty ?? "", reference, token === ETHER ? "" : token],
  ];
}

async function tellEnd(
  client: TallyrollClient,
  balances: StatementEnd["balances"],
  terminal: Terminal,
): Promise<void> {
  for (const { token, amount, unexplained } of balances) {
    const of = await nameUnits(client, token);
    const held = formatAmount(amount, of);
    terminal.note(
      unexplained === 0n
        ? `The state holds the same: ${held}.`
        : `The state holds ${held}, ${formatAmount(unexplained, of)} other than these movements: ` +
            "somebody's sealed input opened a channel for another account.",
    );
  }
}
