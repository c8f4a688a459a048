import type { Command } from "commander";
import { type ChannelInfo, getChannel } from "../actions/get-channel.ts";
import { act, addOperationOptions, type OperationOptions, requirePlace } from "./act.ts";
import { formatAmount, parseAmount } from "./amounts.ts";
import { blocksOption, ChannelError, findBlock } from "./channel-command.ts";
import type { ExitCode, Io } from "./io.ts";
import { requireBalance } from "./money-commands.ts";
import { connectActor, type OnlineActor } from "./online.ts";
import { parseIndex } from "./outputs-command.ts";
import type { Terminal } from "./terminal.ts";
import { type TokenOptions, unitsOf } from "./token-option.ts";
import { WouldBeRefused } from "./would-be-refused.ts";

/** `tallyroll channel extend` and `timeout`: what its sender does with a channel's expiration. */
export function addChannelTimeCommands(
  channel: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  type ExtendOptions = OperationOptions &
    Pick<TokenOptions, "baseUnits"> & { readonly blocks: number; readonly add?: string };
  addOperationOptions(channel.command("extend").argument("<channel>", "its number", parseIndex))
    .description("move a channel's expiration, and add funds where --add says so")
    .addOption(blocksOption(1))
    .option("--add <amount>", "add this much as well: both happen, or neither")
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .action(async (channelId: number, options: ExtendOptions) => {
      requirePlace(options, io);
      const online = await connectActor(options, io, terminal);
      const channelNow = await getChannel(online.client, { channelId });
      const { token } = channelNow;
      const expirationBlock = await findBlock(online, options.blocks);
      const units = await unitsOf(online.client, token, options);
      const place = { channelId, expirationBlock };
      const amount = options.add === undefined ? undefined : parseAmount(options.add, units);
      if (options.relayOut === undefined) {
        requireSender(channelNow, online);
        requireLater(channelNow, expirationBlock);
        if (amount !== undefined) await requireBalance(online, { token, amount, units });
      }
      const body =
        amount === undefined
          ? ({ kind: "extend_channel", ...place } as const)
          : ({ kind: "extend_and_add_channel_funds", ...place, amount } as const);
      await act(online, body, "ChannelExtended", options, {
        ...{ io, terminal },
        describe: ({ fields }) =>
          `Channel ${channelId} expires at block ${fields.expirationBlock}` +
          `${options.add === undefined ? "" : `, with ${options.add} ${units.symbol} more`}.`,
      });
      exit(0);
    });

  addOperationOptions(channel.command("timeout").argument("<channel>", "its number", parseIndex))
    .description("take back what an expired channel still holds")
    .action(async (channelId: number, options: OperationOptions) => {
      requirePlace(options, io);
      const online = await connectActor(options, io, terminal);
      const channelNow = await getChannel(online.client, { channelId });
      if (options.relayOut === undefined) {
        requireSender(channelNow, online);
        await requireExpired(channelNow, online);
      }
      const units = await unitsOf(online.client, channelNow.token, { baseUnits: false });
      await act(online, { kind: "claim_channel_timeout", channelId }, "ChannelTimedOut", options, {
        ...{ io, terminal },
        describe: ({ fields }) =>
          `${formatAmount(fields.amount, units)} came back from channel ${channelId}.`,
      });
      exit(0);
    });
}

function requireSender({ sender }: ChannelInfo, { address }: OnlineActor): void {
  if (sender === address) return;
  throw new WouldBeRefused("channel_sender_not_actor", `the sender is ${sender}, not ${address}`);
}

function requireLater({ expirationBlock }: ChannelInfo, asked: number): void {
  if (asked >= expirationBlock) return;
  const detail = `expires at ${expirationBlock}, asked for ${asked}`;
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
  const next = await findBlock(online, 1);
  if (next >= expirationBlock) return;
  const detail = `the next block is ${next}, the channel expires at ${expirationBlock}`;
  throw new WouldBeRefused("channel_not_expired", detail);
}
