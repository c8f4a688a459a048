import { listExpiringChannels } from "../../client/actions/list-expiring-channels.ts";
import { readBlockCalendar } from "../../client/actions/read-block-calendar.ts";
import type { OnlineActor } from "../connection/online.ts";
import { type BlockSpan, findLastBlock } from "./channel-expiration.ts";
import type { PaymentLine } from "./read-payment-files.ts";

/** What is said of payments that a round leaves for another one, after their number. */
export const LEFT_FOR_LATER = "left for later: no channel of theirs expires so soon.";

/** The payments of a round, and how many it leaves. */
export interface ExpiringPayments {
  readonly payments: AsyncIterable<PaymentLine>;
  /** Counted while `payments` is read. */
  readonly left: { count: number };
}

/**
 * The payments of channels to the account that expire within a span; without one, all. Lines that
 * hold no payment stay among them, so that they are named.
 *
 * @throws ExpirationError where days cannot be turned into blocks, and what queries throw.
 */
export async function chooseExpiring(
  { client, address: recipient }: OnlineActor,
  payments: AsyncIterable<PaymentLine>,
  span: BlockSpan | undefined,
): Promise<ExpiringPayments> {
  const left = { count: 0 };
  if (span === undefined) return { payments, left };
  const beforeBlock = findLastBlock(await readBlockCalendar(client), span) + 1;
  const expiring = new Set<number>();
  for await (const { channelId } of listExpiringChannels(client, { recipient, beforeBlock })) {
    expiring.add(channelId);
  }
  return { payments: choose(payments, expiring, left), left };
}

async function* choose(
  payments: AsyncIterable<PaymentLine>,
  expiring: ReadonlySet<number>,
  left: { count: number },
): AsyncGenerator<PaymentLine, void> {
  for await (const line of payments) {
    if ("error" in line || expiring.has(line.payment.channelId)) yield line;
    else left.count += 1;
  }
}
