import type { Command } from "commander";
import { claimChannel } from "../../client/actions/claim-channel.ts";
import { getChannel } from "../../client/actions/get-channel.ts";
import {
  type ChannelPayment,
  PaymentError,
  type SettlementPlace,
} from "../../client/channel/channel-payment.ts";
import { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { formatAmount, parseAmount } from "../money/token-amounts.ts";
import { unitsOf } from "../money/token-option.ts";
import { act, addOperationOptions, connectToAct, type OperationOptions } from "../operation/act.ts";
import type { Io } from "../terminal/io.ts";
import { nameOfFile } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { readPaymentFiles } from "./read-payment-files.ts";
import { requireClaimable } from "./require-claimable.ts";

const CLAIM_HELP = `
Redeems one payment that \`channel pay\` printed. Without a lane it ends the channel's nonce; --actual
takes a part of it. A lane pays all that is due. --send-back closes the channel: what is left goes back to its sender.

Examples:
  $ tallyroll channel claim payment.json --dev-account 0
  $ tallyroll channel claim payment.json --actual 0.3 --send-back --dev-account 0`;

/** A file has no payment to claim, or several. */
export class NotOnePayment extends ClientError {
  override readonly name = "NotOnePayment";
}

/** `tallyroll channel claim`: the recipient redeems one payment. */
export function addChannelClaimCommand(channel: Command, terminal: Terminal): void {
  type ClaimOptions = OperationOptions & {
    readonly actual?: string;
    readonly sendBack: boolean;
    readonly baseUnits: boolean;
  };
  addOperationOptions(channel.command("claim").argument("<file>", "one payment; - is stdin"))
    .description("redeem one payment")
    .option("--actual <amount>", "take this much of it (default: all)")
    .option("--send-back", "close the channel: the rest goes back to its sender", false)
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .addHelpText("after", CLAIM_HELP)
    .action(async (file: string, options: ClaimOptions) => {
      const online = await connectToAct(options, terminal);
      const { client } = online;
      const payment = await readOnePayment(file, client.at, terminal.io);
      const channel = await getChannel(client, { channelId: payment.channelId });
      const units = await unitsOf(client, channel.token, options);
      const actual = options.actual === undefined ? undefined : parseAmount(options.actual, units);
      await requireClaimable(client, {
        ...{ payment, channel, actual, units, recipient: online.address },
        isForRelay: online.isForRelay,
      });
      const part = actual === undefined ? {} : { actual };
      const claim = { payment, ...part, isSendBack: options.sendBack };
      await act(online, claimChannel, {
        fields: claim,
        describe: (claimed, { inputIndex }) => {
          const { amount, sentBack, keptInChannel } = claimed;
          const back = sentBack > 0n ? `, ${formatAmount(sentBack, units)} went back` : "";
          return {
            text:
              `${formatAmount(amount, units)} redeemed from channel ${payment.channelId}${back}; ` +
              `it holds ${formatAmount(keptInChannel, units)} (input ${inputIndex}).`,
            json: { ...claimed, token: channel.token },
          };
        },
      });
    });
}

/**
 * The one payment of a file.
 *
 * @throws NotOnePayment, PaymentError for a line that holds none, and as `readPaymentFiles`.
 */
async function readOnePayment(file: string, at: SettlementPlace, io: Io): Promise<ChannelPayment> {
  let payment: ChannelPayment | undefined;
  for await (const offer of readPaymentFiles([file], at, io)) {
    if ("error" in offer) {
      const { fault, shortMessage, whatToDo, cause } = offer.error;
      const { place } = offer;
      const where = `${place.file}, line ${place.line}: `;
      throw new PaymentError(fault, `${where}${shortMessage}`, { whatToDo, cause });
    }
    if (payment !== undefined) throw notOne(file, "more than one payment");
    payment = offer.payment;
  }
  if (payment === undefined) throw notOne(file, "no payment");
  return payment;
}

const notOne = (file: string, what: string): NotOnePayment =>
  new NotOnePayment(`${escapeText(nameOfFile(file))} holds ${what}.`, {
    whatToDo: "Give a file with one, or redeem them together with `channel multi-claim`.",
  });
