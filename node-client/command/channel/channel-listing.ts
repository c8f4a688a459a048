import type { ChannelInfo } from "../../client/actions/get-channel.ts";
import { type ChannelLane, listChannelLanes } from "../../client/actions/list-channel-lanes.ts";
import { type BlockCalendar, readBlockCalendar } from "../../client/actions/read-block-calendar.ts";
import { findUnspent } from "../../client/channel/count-outstanding.ts";
import { PaymentBook } from "../../client/channel/payment-book.ts";
import { ClientError } from "../../errors.ts";
import type { Online } from "../connection/online.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { nameUnits } from "../money/token-option.ts";
import { formatBlockDate } from "../terminal/block-text.ts";
import { formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { pathOfPayments, readPayments } from "./channel-payments-file.ts";

/** A channel as lists show it. */
export interface ListedChannel extends ChannelInfo, TokenUnits {
  /** When it expired, or about when it will, in Unix seconds; `null` where nothing says it. */
  readonly expiresAboutSec: number | null;
  /**
   * For its payer: base units that are not promised yet, by the notes of this data folder; `null`
   * where there are none.
   */
  readonly unspent?: bigint | null;
}

/** What lists are made with. */
export interface ListingParts {
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
export async function openListing(
  online: Online,
  { isPayer, terminal }: { readonly isPayer: boolean; readonly terminal: Terminal },
): Promise<ListingParts> {
  const { client, connection } = online;
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
export async function listOne(
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
export const describeUnspent = ({ unspent, ...units }: ListedChannel): string =>
  unspent == null ? "unknown" : formatAmount(unspent, units);

/** Channels as a table: with what is unspent where they are a payer's. */
export function formatChannels(
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
