import type { Hex } from "../../../spec/outputs.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import type { ChannelInfo } from "../../client/actions/get-channel.ts";
import { listChannelLanes } from "../../client/actions/list-channel-lanes.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import {
  type ChannelPayment,
  PaymentError,
  type PaymentFault,
} from "../../client/channel/channel-payment.ts";
import { requireRound, verifyPayment } from "../../client/channel/verify-payment.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";

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

/** What the machine calls what is wrong with a payment that is claimed. */
const REFUSAL_OF: Readonly<Partial<Record<PaymentFault, Refusal>>> = {
  other_recipient: "claim_recipient_not_actor",
  form_not_taken: "claim_form_not_taken",
  signature_wrong: "claim_signature_wrong",
};

/**
 * Checks before anything is sent what the machine would refuse of a claim.
 *
 * @throws PaymentError in the token's units, WouldBeRefused.
 */
export async function requireClaimable(
  client: TallyrollClient,
  { payment, channel, actual, recipient, units, isForRelay }: ClaimToCheck,
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
