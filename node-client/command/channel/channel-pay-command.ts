import { LANE_MAX } from "../../../spec/limits.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { getChannel, listChannelLanes } from "../../client/actions/channel-queries.ts";
import { ChannelPayer } from "../../client/channel/channel-payer.ts";
import { findMissingNotes, type LaneOfChannel } from "../../client/channel/count-outstanding.ts";
import type { PaymentBook } from "../../client/channel/payment-book.ts";
import { formatPayment, PaymentError, totalOf } from "../../client/payment/signed-payment.ts";
import type { OnlineActor } from "../connection/online.ts";
import {
  formatAmount,
  parseAmount,
  parseAmountOrNone,
  type TokenUnits,
} from "../money/token-amounts.ts";
import { addAmountsUnits, unitsOf } from "../money/token-option.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { collect, errorKind } from "../terminal/io.ts";
import { describeBlock } from "./channel-expiration.ts";
import {
  keepPayments,
  lockPayments,
  pathOfPayments,
  readPayments,
} from "./channel-payments-file.ts";

const HELP = `
Signs the next payment and prints it as one line of JSON; nothing is sent. It promises everything that
was promised before on its lane, and the amount; the data folder keeps the last payment of every lane.
Whoever holds it cannot take more than it says, and only the channel's recipient can take it at all.
Where the data folder has not opened the channel itself, or its notes are lost or older than the last
claim, a payment could promise less than one before, which brings nothing: --promised-before says what
was promised on the lane, by the recipient's word, or 0 on a lane that was never used.

Examples:
  $ tallyroll channel pay 0 0.001 --dev-account 1 > payment.json
  $ tallyroll channel pay 0 0.001 --lane 3 --dev-account 1 >> payments.txt
  $ tallyroll channel pay 0 0.001 --promised-before 0.07 --dev-account 1 > payment.json`;

const PaymentNotesMissing = errorKind("PaymentNotesMissing");

const addPayOptions = shareOptions((command) =>
  command
    .option("--lane <n>", "pay on a lane of its own", parseWhole(0, LANE_MAX), 0)
    .flag("--mpe", "sign MPE's message, for daemons that know no other")
    .option("--promised-before <amount>", "what the lane promised, where the notes do not say it")
    .with(addAmountsUnits),
);
type PayOptions = OptionsIn<typeof addPayOptions>;

export function addChannelPayCommand(channel: CommandGroup): void {
  channel
    .signer("pay", "sign a payment off chain, and print it")
    .argument("<channel>", "its number", parseIndex)
    .argument("<amount>", "how much more than before, such as 0.001")
    .with(addPayOptions)
    .help(HELP)
    .run(async (online, channelId, text) => {
      const { client, connection, options, terminal } = online;
      const path = pathOfPayments(connection.dataFolder, client.app);
      const unlock = await lockPayments(path);
      // Given back before the printing, which a reader of the pipe can hold up.
      const paid = await payNext(online, path, channelId, text).finally(unlock);
      const { payment, units, expirationBlock } = paid;
      await terminal.print(`${formatPayment(client.at, payment)}\n`);
      const place = options.lane === 0 ? "this nonce" : `lane ${options.lane}`;
      const total = formatAmount(totalOf(payment), units);
      terminal.note(`Promised ${total} in all on ${place} of channel ${channelId}.`);
      const calendar = await readBlockCalendar(client);
      if (calendar.headBlock < expirationBlock) return;
      const until = await describeBlock(calendar, expirationBlock);
      terminal.note(
        `Channel ${channelId} expired at ${until}: a recipient may refuse the ` +
          `payment. Its sender can extend it with \`tallyroll channel extend ${channelId} --blocks N\`.`,
      );
    });
}

/** Signs the payment after the last one, and keeps it before it is handed out. */
async function payNext(
  { client, account, options }: OnlineActor & { readonly options: PayOptions },
  path: string,
  channelId: number,
  text: string,
) {
  const channel = await getChannel(client, { channelId });
  const units = await unitsOf(client, channel.token, options);
  const amount = parseAmount(text, units);
  const lanes = await collect(listChannelLanes(client, { channelId }));
  const { crypto, at } = client;
  const book = readPayments(path, at);
  const payer = new ChannelPayer({ crypto, signer: account, at, book });
  const { lane, mpe } = options;
  const promisedBefore = findPromisedBefore(book, { channel, lane, lanes }, options, units);
  const form = mpe ? { form: "mpe" as const } : {};
  const next = { channel, lane, lanes, promisedBefore, ...form };
  const free = payer.getFree(next);
  if (amount > free) {
    throw new PaymentError(
      "over_value",
      `Channel ${channelId} has ${formatAmount(free, units)} that is not promised yet, less than ` +
        `${formatAmount(amount, units)}; nothing was signed.`,
      { whatToDo: "Add funds to the channel, or let the recipient claim what is promised." },
    );
  }
  const payment = await payer.pay({ ...next, amount });
  keepPayments(path, book);
  return { payment, units, expirationBlock: channel.expirationBlock };
}

/** @throws PaymentNotesMissing where neither the notes nor the command line can say it. */
function findPromisedBefore(
  book: PaymentBook,
  place: LaneOfChannel,
  { promisedBefore: text }: PayOptions,
  units: TokenUnits,
): bigint {
  const { channel, lane, lanes } = place;
  const name = `lane ${lane} of channel ${channel.channelId}`;
  const missing = findMissingNotes(book, place);
  if (text === undefined && missing !== undefined) {
    throw new PaymentNotesMissing(
      `This data folder does not know what was promised on ${name}: ${missing}; nothing was signed.`,
      {
        whatToDo:
          "Give --promised-before with the total of the recipient's last payment (0 if there was " +
          "none), put the payments file back, or pay with --promised-before 0 on a --lane that was " +
          "never used; `tallyroll channel recover` shows what was claimed.",
      },
    );
  }
  if (text === undefined) return 0n;
  const given = parseAmountOrNone(text, units);
  const last = book.getCurrent(channel, lane);
  const noted = last === undefined ? 0n : totalOf(last);
  const claimed = lanes.find((row) => row.lane === lane)?.lastCumulative ?? 0n;
  const least = noted > claimed ? noted : claimed;
  if (given >= least) return given;
  throw new PaymentNotesMissing(
    `On ${name} ${formatAmount(least, units)} were promised before, more than ` +
      `${formatAmount(given, units)}; nothing was signed.`,
    {
      whatToDo:
        noted >= claimed
          ? "Leave --promised-before away: the notes know it."
          : "Give the total of the recipient's last payment.",
    },
  );
}
