import type { Command } from "commander";
import { addChannelFunds, openChannel } from "../../client/actions/channel-actions.ts";
import { getChannel } from "../../client/actions/channel-queries.ts";
import { ClientError } from "../../errors.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { addAmountUnits, unitsOf } from "../money/token-option.ts";
import { act, requireBalance } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addChannelClaimCommand } from "./channel-claim-command.ts";
import { addChannelMultiClaimCommand } from "./channel-multi-claim-command.ts";
import {
  addOpeningOptions,
  parseOpeningWords,
  prepareChannelOpening,
  RECIPIENT_WORD,
  tellChannelTerms,
  VALUE_WORD,
} from "./channel-opening.ts";
import { addChannelPayCommand } from "./channel-pay-command.ts";
import { keepOpening, pathOfPayments } from "./channel-payments-file.ts";
import { addChannelReadCommands } from "./channel-read-commands.ts";
import { addChannelSenderCommands } from "./channel-sender-commands.ts";
import { addChannelThirdPartyCommands } from "./channel-third-party-commands.ts";

const HELP = `
A channel holds money for one recipient. Its payer signs payments off chain, each for more than the
one before, at no cost; the recipient redeems the last one whenever they like. Lanes carry payments at
the same time. From its expiration block on the sender takes back what is left.

Examples:
  $ tallyroll channel open 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 0.5 --blocks 50000 --dev-account 1
  $ tallyroll channel open 0.5 --organization north-grid --payment-group default --days 30 --dev-account 1
  $ tallyroll channel pay 0 0.001 --lane 1 --dev-account 1 > payment.json
  $ tallyroll channel claim payment.json --dev-account 0
  $ tallyroll channel multi-claim monday.txt tuesday.txt --dev-account 0
  $ tallyroll channel list --dev-account 1
  $ tallyroll channel timeout 0 --dev-account 1`;

const OPEN_HELP = `
The recipient is an address, or an organization's payment group, whose payment address and identifier
the application knows; who will be paid is said before anything is signed. Days and dates become blocks
by the chain's measured block time, so that the date is about right, and the block exact.

Examples:
  $ tallyroll channel open 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 0.5 --until 2027-06-30 --dev-account 1
  $ tallyroll channel open 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 0.5 --until-block 90000 --dev-account 1
  $ tallyroll channel open 0.5 --organization north-grid --payment-group default --days 30 --dev-account 1`;

export function addChannelCommand(program: Command, terminal: Terminal): void {
  const about = "pay and be paid off chain, through payment channels";
  const channel = new CommandGroup(program, terminal).group("channel", about, HELP);
  addOpenCommand(channel);
  addAddCommand(channel);
  addChannelSenderCommands(channel);
  addChannelThirdPartyCommands(channel);
  addChannelPayCommand(channel);
  addChannelClaimCommand(channel);
  addChannelMultiClaimCommand(channel);
  addChannelReadCommands(channel);
}

function addOpenCommand(channel: CommandGroup): void {
  channel
    .operation("open", "open a channel to a recipient, from the account's balance")
    .with(addOpeningOptions)
    .argument("<recipient>", RECIPIENT_WORD)
    .argument("[value]", VALUE_WORD)
    .help(OPEN_HELP)
    .check((options, ...words) => parseOpeningWords(words, options))
    .run(async (online) => {
      const { client, found: words, terminal } = online;
      const opening = await prepareChannelOpening(online, words);
      const { fields, expiration, units } = opening;
      const { value, token, recipient } = fields;
      await requireBalance(online, { token, amount: value, units });
      tellChannelTerms(opening, online);
      const opened = await act(online, openChannel, {
        fields,
        more: () => ({ expiresAboutSec: expiration.expiresAboutSec ?? null }),
        describe: ({ channelId }) => [
          `Channel ${channelId} holds ${formatAmount(value, units)} for ${recipient} until ` +
            `${expiration.text}.`,
          `Pay from it with \`tallyroll channel pay ${channelId} AMOUNT\`.`,
        ],
      });
      if (opened === undefined) return;
      const path = pathOfPayments(online.connection.dataFolder, client.app);
      try {
        await keepOpening(path, client.at, opened.channelId);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        // The channel is open: the command has done what it says.
        terminal.note(`${error.shortMessage} Pay with --promised-before 0 the first time.`);
      }
    });
}

function addAddCommand(channel: CommandGroup): void {
  channel
    .operation("add", "put more money into a channel; anybody may")
    .argument("<channel>", "its number", parseIndex)
    .argument("<amount>", "such as 1.5")
    .with(addAmountUnits)
    .examples("channel add 0 0.5 --dev-account 1")
    .run(async (online, channelId, text) => {
      const { token } = await getChannel(online.client, { channelId });
      const units = await unitsOf(online.client, token, online.options);
      const amount = parseAmount(text, units);
      await requireBalance(online, { token, amount, units });
      await act(online, addChannelFunds, {
        fields: { channelId, amount },
        more: () => ({ token }),
        describe: () => `${formatAmount(amount, units)} added to channel ${channelId}.`,
      });
    });
}
