import { type Command, InvalidArgumentError } from "commander";
import { claimChannelTimeout } from "../../client/actions/claim-channel-timeout.ts";
import { extendChannel } from "../../client/actions/extend-channel.ts";
import { type ChannelInfo, getChannel } from "../../client/actions/get-channel.ts";
import { readBlockCalendar } from "../../client/actions/read-block-calendar.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { nameUnits, type TokenOptions, unitsOf } from "../money/token-option.ts";
import {
  act,
  addOperationOptions,
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import { requireBalance } from "../operation/require-balance.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { describeBlock } from "../terminal/block-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  addExpirationOptions,
  EXTENDING_BLOCKS_MIN,
  type Expiration,
  type ExpirationOptions,
  findExpiration,
} from "./channel-expiration.ts";
import { ChannelError } from "./channel-opening.ts";
import { timeOutAll } from "./channel-timeout-command.ts";

const EXTEND_HELP = `
Days and dates become blocks by the chain's measured block time. An expiration only moves later.

Examples:
  $ tallyroll channel extend 0 --days 30 --dev-account 1
  $ tallyroll channel extend 0 --until 2027-06-30 --dev-account 1
  $ tallyroll channel extend 0 --blocks 90000 --add 0.05 --dev-account 1`;

const TIMEOUT_HELP = `
--all takes back what every expired channel of the account still holds, 256 channels an input. A
channel that cannot be taken back any more is named, and does not keep the others.

Examples:
  $ tallyroll channel timeout 0 --dev-account 1
  $ tallyroll channel timeout --all --dev-account 1`;

/** `tallyroll channel extend` and `timeout`: what its sender does with a channel's expiration. */
export function addChannelTimeCommands(channel: Command, terminal: Terminal): void {
  type ExtendOptions = OperationOptions &
    ExpirationOptions &
    Pick<TokenOptions, "baseUnits"> & { readonly add?: string };
  const extend = channel.command("extend").argument("<channel>", "its number", parseIndex);
  addExpirationOptions(addOperationOptions(extend), EXTENDING_BLOCKS_MIN)
    .description("move a channel's expiration, and add funds where --add says so")
    .option("--add <amount>", "add this much as well: both happen, or neither")
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .addHelpText("after", EXTEND_HELP)
    .action(async (channelId: number, options: ExtendOptions) => {
      const online = await connectToAct(options, terminal);
      const channelNow = await getChannel(online.client, { channelId });
      const { token } = channelNow;
      const expiration = await findExpiration(online.client, options, EXTENDING_BLOCKS_MIN);
      const { expirationBlock, expiresAboutSec } = expiration;
      const units = await unitsOf(online.client, token, options);
      const amount = options.add === undefined ? undefined : parseAmount(options.add, units);
      if (!online.isForRelay) {
        requireSender(channelNow, online);
        await requireLater(channelNow, expiration, online);
      }
      if (amount !== undefined) await requireBalance(online, { token, amount, units });
      const added = amount === undefined ? {} : { amount };
      await act(online, extendChannel, {
        fields: { channelId, expirationBlock, ...added },
        more: () => ({
          expiresAboutSec: expiresAboutSec ?? null,
          ...(amount === undefined ? {} : { amount, token }),
        }),
        describe: () =>
          `Channel ${channelId} expires at ${expiration.text}` +
          `${options.add === undefined ? "" : `, with ${options.add} ${units.symbol} more`}.`,
      });
    });

  type TimeoutOptions = OperationOptions & { readonly all: boolean };
  addOperationOptions(channel.command("timeout").argument("[channel]", "its number", parseIndex))
    .description("take back what an expired channel still holds")
    .option("--all", "what every expired channel of the account still holds", false)
    .addHelpText("after", TIMEOUT_HELP)
    .action(async (channelId: number | undefined, options: TimeoutOptions) => {
      if ((channelId === undefined) === !options.all) {
        throw new InvalidArgumentError("Give either the number of a channel, or --all.");
      }
      if (options.all && options.relayOut !== undefined) {
        throw new InvalidArgumentError("--relay-out signs one operation: name the channel.");
      }
      const online = await connectToAct(options, terminal);
      if (channelId === undefined) await timeOutAll(online);
      else await timeOut(online, channelId);
    });
}

async function timeOut(online: CommandActor, channelId: number): Promise<void> {
  const channelNow = await getChannel(online.client, { channelId });
  if (!online.isForRelay) {
    requireSender(channelNow, online);
    await requireExpired(channelNow, online);
  }
  const { token } = channelNow;
  const units = await nameUnits(online.client, token);
  await act(online, claimChannelTimeout, {
    fields: { channelId },
    more: () => ({ token }),
    describe: ({ amount }) => `${formatAmount(amount, units)} came back from channel ${channelId}.`,
  });
}

function requireSender({ sender }: ChannelInfo, { address }: OnlineActor): void {
  if (sender === address) return;
  throw new WouldBeRefused("channel_sender_not_actor", `the sender is ${sender}, not ${address}`);
}

async function requireLater(
  { expirationBlock }: ChannelInfo,
  asked: Expiration,
  { client }: OnlineActor,
): Promise<void> {
  if (asked.expirationBlock >= expirationBlock) return;
  const until = await describeBlock(await readBlockCalendar(client), expirationBlock);
  const detail = `expires at ${until}, asked for ${asked.text}`;
  throw new WouldBeRefused("channel_expiration_lower", detail);
}

/** An input is in the next block at the earliest. */
async function requireExpired(
  { channelId, value, expirationBlock }: ChannelInfo,
  online: OnlineActor,
): Promise<void> {
  if (value === 0n) {
    throw new ChannelError(`Channel ${channelId} holds nothing; nothing was sent.`, {
      whatToDo: "See what your channels hold with `tallyroll channel list`.",
    });
  }
  const calendar = await readBlockCalendar(online.client);
  const next = calendar.headBlock + 1;
  if (next >= expirationBlock) return;
  const until = await describeBlock(calendar, expirationBlock);
  const detail = `the next block is ${next}, the channel expires at ${until}`;
  throw new WouldBeRefused("channel_not_expired", detail);
}
