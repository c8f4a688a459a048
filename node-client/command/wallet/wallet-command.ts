import type { Command } from "commander";
import { getLowBalance } from "../../client/actions/get-low-balance.ts";
import { setLowBalance } from "../../client/actions/set-low-balance.ts";
import { connect, findAccountAddress } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, parseAmountOrNone } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
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
  const examples = examplesText(
    "wallet statement --dev-account 1 > statement.csv",
    "wallet low-balance 0.1 --dev-account 1",
  );
  const about = "watch what an account has inside";
  const wallet = new CommandGroup(program, terminal).group("wallet", about, examples);
  addWalletStatementCommand(wallet);
  const lowBalance = "ask for a notice when the balance falls below a threshold";
  wallet
    .local("low-balance", lowBalance, addOperationOptions)
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
