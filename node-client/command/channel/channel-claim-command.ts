import type { Refusal } from "../../../spec/refusals.ts";
import { claimChannel } from "../../client/actions/channel-claim-actions.ts";
import {
  type ChannelInfo,
  getChannel,
  listChannelLanes,
} from "../../client/actions/channel-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { requireRound, verifyPayment } from "../../client/channel/check-payment.ts";
import {
  type ChannelPayment,
  PaymentError,
  type PaymentFault,
  type SettlementPlace,
} from "../../client/payment/signed-payment.ts";
import type { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addAmountUnits, unitsOf } from "../money/token-option.ts";
import { act, type CommandActor } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/command-advice.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { nameOfFile } from "../terminal/read-file.ts";
import { readPaymentFiles } from "./channel-payments-file.ts";

const CLAIM_HELP = `
Redeems one payment that \`channel pay\` printed. Without a lane it ends the channel's nonce; --actual
takes a part of it. A lane pays all that is due. --send-back closes the channel: what is left goes back to its sender.

Examples:
  $ tallyroll channel claim payment.json --dev-account 0
  $ tallyroll channel claim payment.json --actual 0.3 --send-back --dev-account 0`;

const NotOnePayment = errorKind("NotOnePayment");

export function addChannelClaimCommand(group: CommandGroup): void {
  group
    .operation("claim", "redeem one payment")
    .argument("<file>", "one payment; - is stdin")
    .option("--actual <amount>", "take this much of it (default: all)")
    .flag("--send-back", "close the channel: the rest goes back to its sender")
    .with(addAmountUnits)
    .help(CLAIM_HELP)
    .run(async (online, file) => {
      const { client, options } = online;
      const payment = await readOnePayment(file, client.at, online.terminal.io);
      const channel = await getChannel(client, { channelId: payment.channelId });
      const units = await unitsOf(client, channel.token, options);
      const actual = options.actual === undefined ? undefined : parseAmount(options.actual, units);
      await requireClaimable(online, { payment, channel, actual, units });
      const part = actual === undefined ? {} : { actual };
      await act(online, claimChannel, {
        fields: { payment, ...part, isSendBack: options.sendBack },
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

/** @throws NotOnePayment, PaymentError for a line that holds none, and as `readPaymentFiles`. */
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

const notOne = (file: string, what: string): ClientError =>
  new NotOnePayment(`${escapeText(nameOfFile(file))} holds ${what}.`, {
    whatToDo: "Give a file with one, or redeem them together with `channel multi-claim`.",
  });

interface ClaimToCheck {
  readonly payment: ChannelPayment;
  readonly channel: ChannelInfo;
  /** Of the command line; all unless given. */
  readonly actual: bigint | undefined;
  readonly units: TokenUnits;
}

/** What the machine calls what is wrong with a payment that is claimed. */
const REFUSAL_OF: Readonly<Partial<Record<PaymentFault, Refusal>>> = {
  other_recipient: "claim_recipient_not_actor",
  form_not_taken: "claim_form_not_taken",
  signature_wrong: "claim_signature_wrong",
  lane_beyond: "state_full",
};

/** @throws PaymentError in the token's units, WouldBeRefused. */
async function requireClaimable(
  { client, address: recipient, isForRelay }: CommandActor,
  { payment, channel, actual, units }: ClaimToCheck,
): Promise<void> {
  if (actual !== undefined) requireActual(actual, payment, channel, units);
  const { crypto, at } = client;
  try {
    verifyPayment(payment, { crypto, at, channel, recipient });
  } catch (error) {
    const { fault, clause } = error instanceof PaymentError ? error : {};
    const refusal = fault && REFUSAL_OF[fault];
    if (refusal === undefined || clause === undefined) throw error;
    throw new WouldBeRefused(refusal, clause, error);
  }
  // What somebody else sends may come after others that change the channel.
  if (isForRelay) return;
  requireRound(payment, channel);
  if (payment.form === "lane") await requireDue(client, payment, channel, units);
  else if (actual === undefined && payment.amount > channel.value) {
    const asked = formatAmount(payment.amount, units);
    const detail = `claims ${asked}, the channel holds ${formatAmount(channel.value, units)}`;
    throw new WouldBeRefused("claim_over_value", detail);
  }
}

/** What of `--actual` would be refused. */
function requireActual(
  actual: bigint,
  payment: ChannelPayment,
  channel: ChannelInfo,
  units: TokenUnits,
): void {
  const asked = formatAmount(actual, units);
  const fail = (fault: "form_not_taken" | "over_value", what: string, whatToDo: string) =>
    new PaymentError(fault, `${what}; nothing was sent.`, { whatToDo });
  if (payment.form === "lane") {
    throw fail(
      "form_not_taken",
      `A payment of a lane pays all that is due, so --actual ${asked} is not possible on lane ` +
        `${payment.lane}`,
      "Leave --actual away.",
    );
  }
  if (actual > payment.amount) {
    throw fail(
      "over_value",
      `The payment promises ${formatAmount(payment.amount, units)}, less than --actual ${asked} ` +
        "(claim_over_planned)",
      "Take less, or ask the payer for a payment of more.",
    );
  }
  if (actual > channel.value) {
    throw fail(
      "over_value",
      `Channel ${channel.channelId} holds ${formatAmount(channel.value, units)}, less than ` +
        `--actual ${asked} (claim_over_value)`,
      "Take less, or ask the payer to add funds.",
    );
  }
}

async function requireDue(
  client: TallyrollClient,
  { lane, cumulative }: Extract<ChannelPayment, { form: "lane" }>,
  { channelId, value }: ChannelInfo,
  units: TokenUnits,
): Promise<void> {
  let redeemed = 0n;
  // Lanes are listed by their numbers.
  for await (const row of listChannelLanes(client, { channelId, after: lane - 1 })) {
    if (row.lane === lane) redeemed = row.redeemed;
    break;
  }
  if (cumulative > redeemed && value > 0n) return;
  throw new WouldBeRefused(
    "claim_nothing_due",
    `lane ${lane} has redeemed ${formatAmount(redeemed, units)} of ` +
      `${formatAmount(cumulative, units)}, the channel holds ${formatAmount(value, units)}`,
  );
}
