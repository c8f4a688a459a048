import type { Command } from "commander";
import { mintTestToken, TEST_TOKEN } from "../../chain/deploy-token.ts";
import { requireWallet } from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import { type ActorOptions, addActorOptions, connectActor } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import type { Terminal } from "../terminal/terminal.ts";

const HELP = `
The token is worth nothing: anybody can make any amount of it. It is there to try what takes an
ERC-20 with.

Examples:
  $ tallyroll mint 500 --dev-account 1
  $ tallyroll deposit 200 --token local --approve --dev-account 1`;

/** No local rollup, so no test token either. */
export class NoTestToken extends ClientError {
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
