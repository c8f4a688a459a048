import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelInfo, getChannel } from "../../client/actions/get-channel.ts";
import { type ChannelLane, listChannelLanes } from "../../client/actions/list-channel-lanes.ts";
import { listChannels } from "../../client/actions/list-channels.ts";
import { listExpiringChannels } from "../../client/actions/list-expiring-channels.ts";
import { listUnclaimedChannels } from "../../client/actions/list-unclaimed-channels.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { recoverChannels } from "../../client/channel/recover-channels.ts";
import { findAccountAddress, parseAddressHex } from "../connection/account-address.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  type ReaderOptions,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount } from "../money/token-amounts.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { formatBlockDate } from "../terminal/block-text.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  describeUnspent,
  formatChannels,
  type ListedChannel,
  listOne,
  openListing,
} from "./channel-listing.ts";

const LIST_HELP = `
Of the channels that an account pays from, \`unspent\` is what they hold less what was promised and not
redeemed yet, by the notes of this data folder; "unknown" where it has none. Dates beside blocks to come
are estimates, by the chain's measured block time.

Examples:
  $ tallyroll channel list --dev-account 1
  $ tallyroll channel list --received --dev-account 0
  $ tallyroll channel list --expiring-before 90000 --dev-account 0 --json`;

const SHOW_HELP = `
Examples:
  $ tallyroll channel show 0`;

const RECOVER_HELP = `
For a payer who lost his notes: the state alone says what each channel holds, its nonce, its last
claim and what every lane has paid. Payments that a recipient still holds stay good: ask him for his
last one and give \`channel pay\` its total with --promised-before, or go on with --promised-before 0 on
a lane that was never used. Nothing was redeemed of the fresh lane that is shown; that nothing was
promised on it, only payer and recipient know.

Examples:
  $ tallyroll channel recover --dev-account 1`;

interface ListOptions extends ActorOptions {
  readonly received: boolean;
  readonly unclaimed: boolean;
  readonly expiringBefore?: number;
}

/** `tallyroll channel list`, `show` and `recover`: what the state knows of channels. */
export function addChannelReadCommands(channel: Command, terminal: Terminal): void {
  addActorOptions(channel.command("list"))
    .argument("[account]", "whose (default: the account that would sign)", parseAddressHex)
    .description("list the channels that an account pays from, or is paid by")
    .option("--received", "those that pay the account", false)
    .option("--unclaimed", "those that pay the account and still hold money", false)
    .option("--expiring-before <block>", "of these, what expires before a block", parseIndex)
    .addHelpText("after", LIST_HELP)
    .action(async (given: Hex | undefined, options: ListOptions) => {
      const account = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const { received, unclaimed, expiringBefore } = options;
      const isPayer = !received && !unclaimed && expiringBefore === undefined;
      const listing = await openListing(online, { isPayer, terminal });
      const channels: ListedChannel[] = [];
      for await (const one of choose(online.client, account, options)) {
        channels.push(await listOne(listing, one));
      }
      await answer(online, { account, channels }, (columns) =>
        formatChannels(listing, channels, columns),
      );
    });

  addReaderOptions(channel.command("show").argument("<channel>", "its number", parseIndex))
    .description("show a channel and its lanes")
    .addHelpText("after", SHOW_HELP)
    .action(async (channelId: number, options: ReaderOptions) => {
      const online = await connect(options, terminal);
      const { client } = online;
      const info = await getChannel(client, { channelId });
      const lanes: ChannelLane[] = [];
      for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
      const listing = await openListing(online, { isPayer: true, terminal });
      const listed = await listOne(listing, info, lanes);
      const rows = lanes.map(({ lane, redeemed, lastCumulative }) => [
        ...[String(lane), formatAmount(redeemed, listed), formatAmount(lastCumulative, listed)],
      ]);
      const { expirationBlock, expiresAboutSec } = listed;
      const date = formatBlockDate(expirationBlock, expiresAboutSec ?? undefined, listing.calendar);
      const unspent =
        listed.unspent === null
          ? "unknown: this data folder has no notes of what was promised"
          : describeUnspent(listed);
      const fields = [
        ["channel", String(channelId)],
        ["holds", formatAmount(listed.value, listed)],
        ["unspent", unspent],
        ["until", `block ${expirationBlock}${date && ` (${date})`}`],
        ["sender", info.sender],
        ["signer", info.signer],
        ["recipient", info.recipient],
        ["group", info.groupId],
        ["takes", `${info.payments}, nonce ${info.nonce}, generation ${info.generation}`],
      ];
      const text =
        formatFields(fields, terminal.columns, 10) +
        (lanes.length === 0
          ? ""
          : `\n${formatTable(["lane", "redeemed", "promised"], rows, terminal.columns)}`);
      await answer(online, { ...listed, lanes }, text);
    });

  addActorOptions(channel.command("recover"))
    .argument("[sender]", "whose channels (default: the signing account's)", parseAddressHex)
    .description("tell from the state alone where a lost payer stands")
    .addHelpText("after", RECOVER_HELP)
    .action(async (given: Hex | undefined, options: ActorOptions) => {
      const sender = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const recovered = await recoverChannels(online.client, { sender });
      const listing = await openListing(online, { isPayer: false, terminal });
      const channels = [];
      for (const one of recovered) {
        const { token } = one.channel;
        channels.push({ ...one, token, channel: await listOne(listing, one.channel) });
      }
      const rows = channels.map(({ channel: one, lanes, freshLane }) => [
        ...[String(one.channelId), formatAmount(one.value, one), String(one.nonce)],
        ...[`${formatAmount(one.lastActual, one)} of ${formatAmount(one.lastPlanned, one)}`],
        ...[String(lanes.length), String(freshLane), String(one.expirationBlock)],
        formatBlockDate(one.expirationBlock, one.expiresAboutSec ?? undefined, listing.calendar),
      ]);
      const names = [
        ...["channel", "spendable", "nonce", "last claim", "lanes", "fresh lane"],
        ...["until block", "date"],
      ];
      await answer(online, { sender, channels }, (columns) => formatTable(names, rows, columns));
    });
}

function choose(
  client: TallyrollClient,
  account: Hex,
  { received, unclaimed, expiringBefore }: ListOptions,
): AsyncGenerator<ChannelInfo, void> {
  if (expiringBefore !== undefined) {
    return listExpiringChannels(client, { recipient: account, beforeBlock: expiringBefore });
  }
  if (unclaimed) return listUnclaimedChannels(client, { recipient: account });
  return listChannels(client, received ? { recipient: account } : { sender: account });
}
