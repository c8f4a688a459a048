import type { Command } from "commander";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { extendChannel } from "../../client/actions/channel-actions.ts";
import { type ChannelInfo, getChannel } from "../../client/actions/channel-queries.ts";
import type { OnlineActor } from "../connection/online.ts";
import { parseAmount } from "../money/token-amounts.ts";
import { type TokenOptions, unitsOf } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
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
import { requireSender } from "./channel-timeout-command.ts";

const HELP = `
Days and dates become blocks by the chain's measured block time. An expiration only moves later.

Examples:
  $ tallyroll channel extend 0 --days 30 --dev-account 1
  $ tallyroll channel extend 0 --until 2027-06-30 --dev-account 1
  $ tallyroll channel extend 0 --blocks 90000 --add 0.05 --dev-account 1`;

/** `tallyroll channel extend`: moves an expiration, for a channel's sender. */
export function addChannelExtendCommand(channel: Command, terminal: Terminal): void {
  type ExtendOptions = OperationOptions &
    ExpirationOptions &
    Pick<TokenOptions, "baseUnits"> & { readonly add?: string };
  const extend = channel.command("extend").argument("<channel>", "its number", parseIndex);
  addExpirationOptions(addOperationOptions(extend), EXTENDING_BLOCKS_MIN)
    .description("move a channel's expiration, and add funds where --add says so")
    .option("--add <amount>", "add this much as well: both happen, or neither")
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .addHelpText("after", HELP)
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
