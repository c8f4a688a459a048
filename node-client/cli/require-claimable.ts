import type { Hex } from "../../spec/outputs.ts";
import type { ChannelInfo } from "../actions/get-channel.ts";
import { listChannelLanes } from "../actions/list-channel-lanes.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { type ChannelPayment, PaymentError } from "../channel/channel-payment.ts";
import { requireRound, verifyPayment } from "../channel/verify-payment.ts";
import { formatAmount, type TokenUnits } from "./amounts.ts";

export interface ClaimToCheck {
  readonly payment: ChannelPayment;
  readonly channel: ChannelInfo;
  /** Of the command line; all unless given. */
  readonly actual: bigint | undefined;
  readonly recipient: Hex;
  readonly units: TokenUnits;
  /** Whether somebody else sends it, perhaps after others that change the channel. */
  readonly isForRelay: boolean;
}

/**
 * Checks before anything is sent what the machine would refuse of a claim.
 *
 * @throws PaymentError, in the token's units.
 */
export async function requireClaimable(
  client: TallyrollClient,
  { payment, channel, actual, recipient, units, isForRelay }: ClaimToCheck,
): Promise<void> {
  if (actual !== undefined) requireActual(actual, payment, channel, units);
  const { crypto, at } = client;
  verifyPayment(payment, { crypto, at, channel, recipient });
  if (isForRelay) return;
  requireRound(payment, channel);
  if (payment.form === "lane") await requireDue(client, payment, channel, units);
  else if (actual === undefined && payment.amount > channel.value) {
    const held = formatAmount(channel.value, units);
    throw new PaymentError(
      "over_value",
      `The payment promises ${formatAmount(payment.amount, units)}, and channel ` +
        `${channel.channelId} holds ${held} (claim_over_value); nothing was sent.`,
      { whatToDo: `Take a part of it with --actual, or ask the payer to add funds.` },
    );
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
  throw new PaymentError(
    "nothing_new",
    `Lane ${lane} of channel ${channelId} has redeemed ${formatAmount(redeemed, units)} of ` +
      `${formatAmount(cumulative, units)}, and the channel holds ${formatAmount(value, units)} ` +
      "(claim_nothing_due); nothing was sent.",
    { whatToDo: "Give a later payment of the lane, or ask the payer to add funds." },
  );
}
