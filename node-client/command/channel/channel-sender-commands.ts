import { InvalidArgumentError } from "commander";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { extendChannel } from "../../client/actions/channel-actions.ts";
import {
  type ChannelTimeout,
  claimChannelTimeout,
  claimChannelTimeouts,
} from "../../client/actions/channel-claim-actions.ts";
import {
  type ChannelInfo,
  getChannel,
  listChannels,
} from "../../client/actions/channel-queries.ts";
import { countOf } from "../../count-of.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addAmountUnits, nameUnits, unitsOf } from "../money/token-option.ts";
import { act, type CommandActor, requireBalance } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/command-advice.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import { collect, errorKind } from "../terminal/io.ts";
import {
  addExpirationOptions,
  describeBlock,
  EXTENDING_BLOCKS_MIN,
  type Expiration,
  findExpiration,
} from "./channel-expiration.ts";
import { ChannelError } from "./channel-opening.ts";

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

export function addChannelSenderCommands(channel: CommandGroup): void {
  addExtendCommand(channel);
  channel
    .operation("timeout", "take back what an expired channel still holds")
    .argument("[channel]", "its number", parseIndex)
    .flag("--all", "what every expired channel of the account still holds")
    .help(TIMEOUT_HELP)
    .check(({ all, relayOut }, channelId) => {
      if ((channelId === undefined) === !all) {
        throw new InvalidArgumentError("Give either the number of a channel, or --all.");
      }
      if (all && relayOut !== undefined) {
        throw new InvalidArgumentError("--relay-out signs one operation: name the channel.");
      }
    })
    .run((online, channelId) =>
      channelId === undefined ? timeOutAll(online) : timeOut(online, channelId),
    );
}

function addExtendCommand(channel: CommandGroup): void {
  channel
    .operation("extend", "move a channel's expiration, and add funds where --add says so")
    .argument("<channel>", "its number", parseIndex)
    .with(addExpirationOptions(EXTENDING_BLOCKS_MIN))
    .option("--add <amount>", "add this much as well: both happen, or neither")
    .with(addAmountUnits)
    .help(EXTEND_HELP)
    .run(async (online, channelId) => {
      const { client, options } = online;
      const channelNow = await getChannel(client, { channelId });
      const { token } = channelNow;
      const expiration = await findExpiration(client, options, EXTENDING_BLOCKS_MIN);
      const { expirationBlock, expiresAboutSec } = expiration;
      const units = await unitsOf(client, token, options);
      const amount = options.add === undefined ? undefined : parseAmount(options.add, units);
      if (!online.isForRelay) {
        requireSender(channelNow, online);
        await requireLater(channelNow, expiration, online);
      }
      if (amount !== undefined) await requireBalance(online, { token, amount, units });
      const added = amount === undefined ? {} : { amount };
      const told = amount === undefined ? {} : { amount, token };
      const more = amount === undefined ? "" : `, with ${options.add} ${units.symbol} more`;
      await act(online, extendChannel, {
        fields: { channelId, expirationBlock, ...added },
        more: () => ({ expiresAboutSec: expiresAboutSec ?? null, ...told }),
        describe: () => `Channel ${channelId} expires at ${expiration.text}${more}.`,
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

/** @throws WouldBeRefused where the account is not the channel's sender. */
function requireSender({ sender }: ChannelInfo, { address }: OnlineActor): void {
  if (sender === address) return;
  throw new WouldBeRefused("channel_sender_not_actor", `the sender is ${sender}, not ${address}`);
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

const NothingTimedOut = errorKind("NothingTimedOut");

/** A channel of the round, and what became of it. */
type Ended = ChannelTimeout & { readonly token: Hex; readonly inputIndex: number };

/** What came back of one token. */
interface Returned extends TokenUnits {
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/** Takes back what every expired channel of the account still holds. */
async function timeOutAll(online: CommandActor): Promise<void> {
  const { client, address: sender, terminal } = online;
  terminal.progress(() => "looking for expired channels");
  const { headBlock } = await readBlockCalendar(client);
  const all = await collect(listChannels(client, { sender }));
  // An input is in the next block at the earliest.
  const expired = all.filter((one) => one.value > 0n && one.expirationBlock <= headBlock + 1);
  // What can fail is asked before anything is sent.
  const units = new Map<Hex, TokenUnits>();
  for (const { token } of expired) units.set(token, await nameUnits(client, token));
  const ended: Ended[] = [];
  let failure: unknown;
  for (let i = 0; i < expired.length && failure === undefined; i += OPERATIONS_MAX) {
    const some = expired.slice(i, i + OPERATIONS_MAX);
    terminal.progress(() => `${i} of ${expired.length} channels`);
    try {
      const channelIds = some.map(({ channelId }) => channelId);
      const { inputIndex, timeouts } = await claimChannelTimeouts(client, { channelIds });
      ended.push(...timeouts.map((one, k) => ({ ...one, inputIndex, token: some[k]!.token })));
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined && ended.length === 0) throw failure;
  const applied = ended.filter((one) => one.status === "applied");
  const returned = [...new Set(applied.map(({ token }) => token))].map((token) => {
    const own = applied.filter((one) => one.token === token);
    return { token, amount: own.reduce((sum, one) => sum + one.amount, 0n), ...units.get(token)! };
  });
  await tell(online, ended, applied.length, returned);
  if (failure !== undefined) throw failure;
  if (ended.length > 0 && returned.length === 0) {
    throw new NothingTimedOut(`None of ${countOf(ended.length, "channel")} could be taken back.`, {
      whatToDo: "See what your channels hold with `tallyroll channel list`, then try again.",
    });
  }
}

async function tell(
  { address: sender, options, terminal }: CommandActor,
  ended: readonly Ended[],
  count: number,
  returned: readonly Returned[],
): Promise<void> {
  for (const one of ended) {
    if (one.status !== "refused") continue;
    const { refusal, detail } = one.refused;
    terminal.note(`Channel ${one.channelId} is not taken back: ${refusal}, ${detail}.`);
  }
  if (options.json) {
    // Each with its token's units, where it brought something.
    const channels = ended.map((one) => {
      const { symbol, decimals } = returned.find(({ token }) => token === one.token) ?? {};
      return { ...one, symbol, decimals };
    });
    await terminal.print(formatJson({ sender, channels, returned }));
    return;
  }
  const sums = returned.map((one) => formatAmount(one.amount, one)).join(", ");
  if (count > 0) await terminal.printLine(`${sums} came back from ${countOf(count, "channel")}.`);
  else if (ended.length === 0) {
    await terminal.printLine(
      "No expired channel of this account holds anything; nothing was sent.",
    );
  }
}
