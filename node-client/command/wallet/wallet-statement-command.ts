import { formatUnits } from "viem";
import { ETHER } from "../../client/actions/ether.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import {
  readStatement,
  type StatementEnd,
  type StatementLine,
} from "../../client/statement/account-statement.ts";
import { formatMoneyJson } from "../money/money-json.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseMoment } from "../options/parse-arguments.ts";
import { formatCsvLine } from "../terminal/format-csv.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
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

/** `tallyroll wallet statement`: an account's movements, for treasurers and their books. */
export function addWalletStatementCommand(wallet: CommandGroup): void {
  wallet
    .accountReader("statement", "list every movement of an account's money as CSV")
    .option("--from <time>", "from this time on: YYYY-MM-DD[ HH:MM:SS] in UTC", parseMoment)
    .option("--to <time>", "up to, but without, this time", parseMoment)
    .help(HELP)
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
