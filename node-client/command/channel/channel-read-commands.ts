import type { Hex } from "../../../spec/outputs.ts";
import { type BlockCalendar, readBlockCalendar } from "../../client/actions/chain-status.ts";
import {
  type ChannelInfo,
  type ChannelLane,
  getChannel,
  listChannelLanes,
  listChannels,
  listExpiringChannels,
  listUnclaimedChannels,
} from "../../client/actions/channel-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { findUnspent } from "../../client/channel/count-outstanding.ts";
import { recoverChannels } from "../../client/channel/find-channel.ts";
import { PaymentBook } from "../../client/channel/payment-book.ts";
import { ClientError } from "../../errors.ts";
import type { Online } from "../connection/online.ts";
import { answer, answerTable } from "../money/money-json.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseIndex } from "../options/parse-arguments.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import { collect } from "../terminal/io.ts";
import { formatBlockDate } from "./channel-expiration.ts";
import { pathOfPayments, readPayments } from "./channel-payments-file.ts";

const LIST_HELP = `
Of the channels that an account pays from, \`unspent\` is what they hold less what was promised and not
redeemed yet, by the notes of this data folder; "unknown" where it has none. Dates beside blocks to come
are estimates, by the chain's measured block time.

Examples:
  $ tallyroll channel list --dev-account 1
  $ tallyroll channel list --received --dev-account 0
  $ tallyroll channel list --expiring-before 90000 --dev-account 0 --json`;

const RECOVER_HELP = `
For a payer who lost their notes: the state alone says what each channel holds, its nonce, its last
claim and what every lane has paid. Payments that a recipient still holds stay good: ask them for their
last one and give \`channel pay\` its total with --promised-before, or go on with --promised-before 0 on
a lane that was never used. Nothing was redeemed of the fresh lane that is shown; that nothing was
promised on it, only payer and recipient know.

Examples:
  $ tallyroll channel recover --dev-account 1`;

export function addChannelReadCommands(channel: CommandGroup): void {
  addListCommand(channel);
  addShowCommand(channel);
  addRecoverCommand(channel);
}

function addListCommand(channel: CommandGroup): void {
  channel
    .accountReader("list", "list the channels that an account pays from, or is paid by")
    .with(addListOptions)
    .help(LIST_HELP)
    .run(async (online) => {
      const { client, account, options } = online;
      const { received, unclaimed, expiringBefore } = options;
      const isPayer = !received && !unclaimed && expiringBefore === undefined;
      const listing = await openListing(online, isPayer);
      const channels: ListedChannel[] = [];
      for await (const one of choose(client, account, options)) {
        channels.push(await listOne(listing, one));
      }
      const unspent = isPayer ? ["unspent"] : [];
      const names = ["channel", "holds", ...unspent, "until block", "date", "sender", "recipient"];
      await answerTable(online, { account, channels }, names, channels, (one) => {
        const money = [formatAmount(one.value, one), ...(isPayer ? [describeUnspent(one)] : [])];
        const until = [one.expirationBlock, dateOf(one, listing)];
        return [one.channelId, ...money, ...until, one.sender, one.recipient];
      });
    });
}

function addShowCommand(channel: CommandGroup): void {
  channel
    .reader("show", "show a channel and its lanes")
    .argument("<channel>", "its number", parseIndex)
    .examples("channel show 0")
    .run(async (online, channelId) => {
      const info = await getChannel(online.client, { channelId });
      const lanes = await collect(listChannelLanes(online.client, { channelId }));
      const listing = await openListing(online, true);
      const listed = await listOne(listing, info, lanes);
      const date = dateOf(listed, listing);
      const unknown = "unknown: this data folder has no notes of what was promised";
      const fields = [
        ["channel", String(channelId)],
        ["holds", formatAmount(listed.value, listed)],
        ["unspent", listed.unspent === null ? unknown : describeUnspent(listed)],
        ["until", `block ${listed.expirationBlock}${date && ` (${date})`}`],
        ["sender", info.sender],
        ["signer", info.signer],
        ["recipient", info.recipient],
        ["group", info.groupId],
        ["takes", `${info.payments}, nonce ${info.nonce}, generation ${info.generation}`],
      ];
      const rows = lanes.map(({ lane, redeemed, lastCumulative }) => {
        return [lane, formatAmount(redeemed, listed), formatAmount(lastCumulative, listed)];
      });
      await answer(online, { ...listed, lanes }, (columns) => {
        const table = formatTable(["lane", "redeemed", "promised"], rows, columns);
        return formatFields(fields, columns, 10) + (lanes.length === 0 ? "" : `\n${table}`);
      });
    });
}

function addRecoverCommand(channel: CommandGroup): void {
  const whose = "whose channels (default: the signing account's)";
  channel
    .accountReader(
      "recover",
      "tell from the state alone where a lost payer stands",
      "[sender]",
      whose,
    )
    .help(RECOVER_HELP)
    .run(async (online) => {
      const sender = online.account;
      const recovered = await recoverChannels(online.client, { sender });
      const listing = await openListing(online, false);
      const channels = [];
      for (const one of recovered) {
        const { token } = one.channel;
        channels.push({ ...one, token, channel: await listOne(listing, one.channel) });
      }
      const claim = ["spendable", "nonce", "last claim"];
      const names = ["channel", ...claim, "lanes", "fresh lane", "until block", "date"];
      await answerTable(
        online,
        { sender, channels },
        names,
        channels,
        ({ channel: one, lanes, freshLane }) => {
          const last = `${formatAmount(one.lastActual, one)} of ${formatAmount(one.lastPlanned, one)}`;
          const claimed = [formatAmount(one.value, one), one.nonce, last];
          const until = [one.expirationBlock, dateOf(one, listing)];
          return [one.channelId, ...claimed, lanes.length, freshLane, ...until];
        },
      );
    });
}

const dateOf = (
  { expirationBlock, expiresAboutSec }: ListedChannel,
  { calendar }: ListingParts,
): string => formatBlockDate(expirationBlock, expiresAboutSec ?? undefined, calendar);

/** Which channels of an account are asked for. */
const addListOptions = shareOptions((command) =>
  command
    .flag("--received", "those that pay the account")
    .flag("--unclaimed", "those that pay the account and still hold money")
    .option("--expiring-before <block>", "of these, what expires before a block", parseIndex),
);

function choose(
  client: TallyrollClient,
  account: Hex,
  { received, unclaimed, expiringBefore }: OptionsIn<typeof addListOptions>,
): AsyncGenerator<ChannelInfo, void> {
  if (expiringBefore !== undefined) {
    return listExpiringChannels(client, { recipient: account, beforeBlock: expiringBefore });
  }
  if (unclaimed) return listUnclaimedChannels(client, { recipient: account });
  return listChannels(client, received ? { recipient: account } : { sender: account });
}

/** A channel as lists show it. */
interface ListedChannel extends ChannelInfo, TokenUnits {
  /** When it expired, or about when it will, in Unix seconds; `null` where nothing says it. */
  readonly expiresAboutSec: number | null;
  /**
   * For its payer: base units that are not promised yet, by the notes of this data folder; `null`
   * where there are none.
   */
  readonly unspent?: bigint | null;
}

/** What lists are made with. */
interface ListingParts {
  readonly online: Online;
  readonly calendar: BlockCalendar;
  /** The payer's notes; absent where nobody pays from here. */
  readonly book?: PaymentBook;
}

/**
 * Reads the chain's pace, and for a payer what this data folder has promised. Notes that cannot be
 * read make what is unspent unknown, and hide nothing else.
 */
async function openListing(online: Online, isPayer: boolean): Promise<ListingParts> {
  const { client, connection, terminal } = online;
  const calendar = await readBlockCalendar(client);
  if (!isPayer) return { online, calendar };
  const path = pathOfPayments(connection.dataFolder, client.app);
  try {
    return { online, calendar, book: readPayments(path, client.at) };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    terminal.note(`What is unspent is not known: ${error.shortMessage} ${error.whatToDo}`);
    return { online, calendar, book: new PaymentBook(client.at) };
  }
}

/**
 * A channel with its date, its token's units, and what of it is unspent.
 *
 * @param lanes Where they are known already.
 */
async function listOne(
  { online: { client }, calendar, book }: ListingParts,
  channel: ChannelInfo,
  lanes?: readonly ChannelLane[],
): Promise<ListedChannel> {
  const { channelId, expirationBlock, token } = channel;
  const expiresAboutSec = (await calendar.findTime(expirationBlock)) ?? null;
  const listed = { ...channel, ...(await nameUnits(client, token)), expiresAboutSec };
  if (book === undefined) return listed;
  if (!book.hasOpening(channelId)) return { ...listed, unspent: null };
  const known = lanes ?? (await collect(listChannelLanes(client, { channelId })));
  return { ...listed, unspent: findUnspent(book, channel, known) ?? null };
}

/** "0.5 ETH", or that nothing here says it. */
const describeUnspent = ({ unspent, ...units }: ListedChannel): string =>
  unspent == null ? "unknown" : formatAmount(unspent, units);
