import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
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
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import type { CommandActor, OperationOptions } from "../operation/act.ts";
import { act, addOperationOptions, connectToAct } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { describeBlock } from "../terminal/block-text.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ChannelError } from "./channel-opening.ts";

const HELP = `
--all takes back what every expired channel of the account still holds, 256 channels an input. A
channel that cannot be taken back any more is named, and does not keep the others.

Examples:
  $ tallyroll channel timeout 0 --dev-account 1
  $ tallyroll channel timeout --all --dev-account 1`;

/** `tallyroll channel timeout`: takes back what expired channels still hold. */
export function addChannelTimeoutCommand(channel: Command, terminal: Terminal): void {
  type TimeoutOptions = OperationOptions & { readonly all: boolean };
  addOperationOptions(channel.command("timeout").argument("[channel]", "its number", parseIndex))
    .description("take back what an expired channel still holds")
    .option("--all", "what every expired channel of the account still holds", false)
    .addHelpText("after", HELP)
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

/** @throws WouldBeRefused where the account is not the channel's sender. */
export function requireSender({ sender }: ChannelInfo, { address }: OnlineActor): void {
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

/** None of the channels that looked expired could be taken back. */
class NothingTimedOut extends ClientError {
  override readonly name = "NothingTimedOut";
}

/** A channel of the round, and what became of it. */
type Ended = ChannelTimeout & { readonly token: Hex; readonly inputIndex: number };

/** What came back of one token. */
interface Returned extends TokenUnits {
  readonly token: Hex;
  /** Base units. */
  readonly amount: bigint;
}

/**
 * Takes back what every expired channel of the account still holds.
 *
 * @throws NothingTimedOut where all were refused, and what `claimChannelTimeouts` throws: what came
 * back before is said first.
 */
async function timeOutAll({ client, address, options, terminal }: CommandActor): Promise<void> {
  terminal.progress(() => "looking for expired channels");
  const { headBlock } = await readBlockCalendar(client);
  const expired: ChannelInfo[] = [];
  for await (const one of listChannels(client, { sender: address })) {
    // An input is in the next block at the earliest.
    if (one.value > 0n && one.expirationBlock <= headBlock + 1) expired.push(one);
  }
  // What can fail is asked before anything is sent.
  const units = new Map<Hex, TokenUnits>();
  for (const token of new Set(expired.map((one) => one.token))) {
    units.set(token, await nameUnits(client, token));
  }
  const ended: Ended[] = [];
  let failure: unknown;
  for (let i = 0; i < expired.length && failure === undefined; i += OPERATIONS_MAX) {
    const some = expired.slice(i, i + OPERATIONS_MAX);
    terminal.progress(() => `${i} of ${expired.length} channels`);
    try {
      ended.push(...(await timeOutSome(client, some)));
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined && ended.length === 0) throw failure;
  const returned = sumByToken(ended, units);
  await tell(address, ended, returned, options.json, terminal);
  if (failure !== undefined) throw failure;
  if (ended.length > 0 && returned.length === 0) {
    throw new NothingTimedOut(`None of ${countOf(ended.length, "channel")} could be taken back.`, {
      whatToDo: "See what your channels hold with `tallyroll channel list`, then try again.",
    });
  }
}

async function timeOutSome(
  client: TallyrollClient,
  channels: readonly ChannelInfo[],
): Promise<Ended[]> {
  const channelIds = channels.map(({ channelId }) => channelId);
  const { inputIndex, timeouts } = await claimChannelTimeouts(client, { channelIds });
  return timeouts.map((one, i) => ({ ...one, inputIndex, token: channels[i]!.token }));
}

function sumByToken(
  ended: readonly Ended[],
  units: ReadonlyMap<Hex, TokenUnits>,
): readonly Returned[] {
  const sums = new Map<Hex, bigint>();
  for (const one of ended) {
    if (one.status === "applied") sums.set(one.token, (sums.get(one.token) ?? 0n) + one.amount);
  }
  return [...sums].map(([token, amount]) => ({ token, amount, ...units.get(token)! }));
}

async function tell(
  sender: Hex,
  ended: readonly Ended[],
  returned: readonly Returned[],
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  for (const one of ended) {
    if (one.status !== "refused") continue;
    const { refusal, detail } = one.refused;
    terminal.note(`Channel ${one.channelId} is not taken back: ${refusal}, ${detail}.`);
  }
  if (json) {
    await terminal.print(formatJson({ sender, channels: nameAll(ended, returned), returned }));
    return;
  }
  const count = ended.filter(({ status }) => status === "applied").length;
  const sums = returned.map((one) => formatAmount(one.amount, one)).join(", ");
  if (count > 0) await terminal.printLine(`${sums} came back from ${countOf(count, "channel")}.`);
  else if (ended.length === 0) {
    await terminal.printLine(
      "No expired channel of this account holds anything; nothing was sent.",
    );
  }
}

/** Each channel with its token's units, where it brought something. */
const nameAll = (ended: readonly Ended[], returned: readonly Returned[]): readonly object[] =>
  ended.map((one) => {
    const { symbol, decimals } = returned.find(({ token }) => token === one.token) ?? {};
    return { ...one, symbol, decimals };
  });
