import type { Command } from "commander";
import { getLowBalance } from "../../client/actions/account-queries.ts";
import { setLowBalance } from "../../client/actions/balance-actions.ts";
import { connect, findAccountAddress } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, parseAmountOrNone } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken, type TokenOptions } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import { examplesText } from "../options/help-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addWalletStatementCommand } from "./wallet-statement-command.ts";

const HELP = `
Asks the application for the notice BalanceLow whenever a payment takes the account's balance below a
threshold: once a fall, not at every payment. 0 ends it. Without a threshold it shows what is set.
Escrows can refill themselves up to a limit: \`tallyroll escrow auto-fill\`.

Examples:
  $ tallyroll wallet low-balance 0.1 --dev-account 1
  $ tallyroll wallet low-balance --dev-account 1
  $ tallyroll outputs --notice BalanceLow`;

/** `tallyroll wallet`: comfort for accounts with a balance. */
export function addWalletCommand(program: Command, terminal: Terminal): void {
  const wallet = program
    .command("wallet")
    .description("watch what an account has inside")
    .addHelpText(
      "after",
      examplesText(
        "wallet statement --dev-account 1 > statement.csv",
        "wallet low-balance 0.1 --dev-account 1",
      ),
    );
  addWalletStatementCommand(wallet, terminal);
  type LowOptions = OperationOptions & TokenOptions;
  addTokenOptions(addOperationOptions(wallet.command("low-balance")))
    .argument("[threshold]", "such as 0.1; 0 ends it (default: show what is set)")
    .description("ask for a notice when the balance falls below a threshold")
    .addHelpText("after", HELP)
    .action(async (text: string | undefined, options: LowOptions) => {
      if (text === undefined) {
        const account = await findAccountAddress(undefined, options, terminal);
        const online = await connect(options, terminal);
        const { token, units } = await chooseToken(online, options);
        const set = await getLowBalance(online.client, { account, token });
        const limit =
          set.threshold === 0n ? "never" : `below ${formatAmount(set.threshold, units)}`;
        await answer(
          online,
          { account, token, ...set },
          `Told ${limit}; the balance is ${formatAmount(set.amount, units)}.\n`,
        );
      } else {
        const online = await connectToAct(options, terminal);
        const { token, units } = await chooseToken(online, options);
        const threshold = parseAmountOrNone(text, units);
        await act(online, setLowBalance, {
          fields: { token, threshold },
          describe: () =>
            threshold === 0n
              ? "No notice is asked for any more."
              : `A notice comes when the balance falls below ${formatAmount(threshold, units)}.`,
        });
      }
    });
}
