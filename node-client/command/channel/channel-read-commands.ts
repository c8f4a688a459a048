import type { Command } from "commander";
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
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  findAccountAddress,
  type Online,
  type ReaderOptions,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import { examplesText } from "../options/help-text.ts";
import { parseAddressHex, parseIndex } from "../options/parse-arguments.ts";
import { formatBlockDate } from "../terminal/block-text.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
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

interface ListOptions extends ActorOptions {
  readonly received: boolean;
  readonly unclaimed: boolean;
  readonly expiringBefore?: number;
}

/** `tallyroll channel list`, `show` and `recover`: what the state knows of channels. */
export function addChannelReadCommands(channel: Command, terminal: Terminal): void {
  for (const add of [addListCommand, addShowCommand, addRecoverCommand]) add(channel, terminal);
}

function addListCommand(channel: Command, terminal: Terminal): void {
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
      const listing = await openListing(online, isPayer);
      const channels: ListedChannel[] = [];
      for await (const one of choose(online.client, account, options)) {
        channels.push(await listOne(listing, one));
      }
      await answer(online, { account, channels }, (columns) =>
        formatChannels(listing, channels, columns),
      );
    });
}

function addShowCommand(channel: Command, terminal: Terminal): void {
  addReaderOptions(channel.command("show").argument("<channel>", "its number", parseIndex))
    .description("show a channel and its lanes")
    .addHelpText("after", examplesText("channel show 0"))
    .action(async (channelId: number, options: ReaderOptions) => {
      const online = await connect(options, terminal);
      const info = await getChannel(online.client, { channelId });
      const lanes: ChannelLane[] = [];
      for await (const lane of listChannelLanes(online.client, { channelId })) lanes.push(lane);
      const listing = await openListing(online, true);
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
}

function addRecoverCommand(channel: Command, terminal: Terminal): void {
  addActorOptions(channel.command("recover"))
    .argument("[sender]", "whose channels (default: the signing account's)", parseAddressHex)
    .description("tell from the state alone where a lost payer stands")
    .addHelpText("after", RECOVER_HELP)
    .action(async (given: Hex | undefined, options: ActorOptions) => {
      const sender = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const recovered = await recoverChannels(online.client, { sender });
      const listing = await openListing(online, false);
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
 *
 * @throws What `readBlockCalendar` throws.
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
 * @throws What queries throw.
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
  const known: ChannelLane[] = [...(lanes ?? [])];
  if (lanes === undefined) {
    for await (const lane of listChannelLanes(client, { channelId })) known.push(lane);
  }
  return { ...listed, unspent: findUnspent(book, channel, known) ?? null };
}

/** "0.5 ETH", or that nothing here says it. */
const describeUnspent = ({ unspent, ...units }: ListedChannel): string =>
  unspent == null ? "unknown" : formatAmount(unspent, units);

/** Channels as a table: with what is unspent where they are a payer's. */
function formatChannels(
  { calendar, book }: ListingParts,
  channels: readonly ListedChannel[],
  columns: number | undefined,
): string {
  const isPayer = book !== undefined;
  const rows = channels.map((one) => [
    ...[String(one.channelId), formatAmount(one.value, one)],
    ...(isPayer ? [describeUnspent(one)] : []),
    String(one.expirationBlock),
    formatBlockDate(one.expirationBlock, one.expiresAboutSec ?? undefined, calendar),
    ...[one.sender, one.recipient],
  ]);
  const unspent = isPayer ? ["unspent"] : [];
  const names = ["channel", "holds", ...unspent, "until block", "date", "sender", "recipient"];
  return formatTable(names, rows, columns);
}
