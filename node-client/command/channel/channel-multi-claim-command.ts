import type { Hex } from "../../../spec/outputs.ts";
import { readBlockCalendar } from "../../client/actions/chain-status.ts";
import { claimChannels } from "../../client/actions/channel-claim-actions.ts";
import { listExpiringChannels } from "../../client/actions/channel-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import {
  CLAIMS_AT_ONCE,
  type CollectPaymentsResult,
  collectPayments,
  type DuePayments,
  findDuePayments,
  RoundIncomplete,
  toDueClaim,
} from "../../client/channel/collect-payments.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { OnlineActor } from "../connection/online.ts";
import { formatMoneyJson } from "../money/money-json.ts";
import { formatAmount } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import { type CommandActor, signForRelay } from "../operation/act.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { collect, errorKind } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type BlockSpan, findLastBlock, parseBlockSpan } from "./channel-expiration.ts";
import { type PaymentLine, readPaymentFiles } from "./channel-payments-file.ts";

const HELP = `
The treasurer's round: reads any number of payments, one a line, and verifies each; takes the best of
every channel and lane, leaves out what brings nothing, and redeems the rest 255 at a time, each input
all or none. A line that is broken, forged or for somebody else is named with its file and number (under
--json in \`rejected\`), and the others are redeemed: the exit code is 0 then, and 2 where lines were
rejected and nothing was redeemed. With --relay-out it signs the first 255 for somebody else to send:
relay them before the next round.

--expiring leaves payments of channels that expire later for another round: it takes a number of
blocks, or of days by the chain's measured block time.

Examples:
  $ tallyroll channel multi-claim payments/*.txt --dev-account 0
  $ tallyroll channel multi-claim payments/*.txt --expiring 7d --dev-account 0
  $ cat log.txt | tallyroll channel multi-claim - --dev-account 0 --json
  $ tallyroll channel multi-claim payments/*.txt --relay-out round.json --keystore me.json`;

const NothingRedeemed = errorKind("NothingRedeemed");

export function addChannelMultiClaimCommand(channel: CommandGroup): void {
  channel
    .operation("multi-claim", "redeem the best payment of every channel and lane at once")
    .argument("<files...>", "payments, one a line")
    .option(
      "--expiring <span>",
      "only of channels that expire within so many blocks (5000) or days (7d)",
      parseBlockSpan,
    )
    .help(HELP)
    .run(async (online, files) => {
      const { client, options, terminal } = online;
      terminal.progress(() => "reading payments");
      const payments = readPaymentFiles(files, client.at, terminal.io);
      const chosen = await chooseExpiring(online, payments, options.expiring);
      if (online.isForRelay) await signRound(online, chosen);
      else await redeem(online, chosen);
    });
}

async function redeem({ client, options, terminal }: CommandActor, chosen: Chosen): Promise<void> {
  let incomplete: RoundIncomplete | undefined;
  const { payments } = chosen;
  const result = await collectPayments(client, { payments }).catch((error: unknown) => {
    if (!(error instanceof RoundIncomplete)) throw error;
    incomplete = error;
    return error.result;
  });
  tellLeftOut(result, options.json, terminal);
  for (const { payment, reason } of result.refused) {
    terminal.note(`Channel ${payment.channelId} is left out: ${reason}`);
  }
  tellLeftForLater(chosen, terminal);
  // Before a failure, too: what was redeemed and what was rejected must be known.
  if (options.json) await terminal.print(await formatRound(client, result, chosen.left.count));
  if (incomplete !== undefined) throw incomplete;
  requireDue(result, result.paymentCount);
  if (options.json) return;
  const { offeredCount, paymentCount, claims, amounts } = result;
  const sums = await Promise.all(
    [...amounts].map(async ([token, sum]) => await describeSum(client, token, sum)),
  );
  await terminal.print(
    `${countOf(offeredCount, "payment")} read, ${paymentCount} redeemed in ` +
      `${countOf(claims.length, "input")}` +
      `${sums.length === 0 ? "" : `: ${sums.join(", ")}`}.\n`,
  );
}

function formatRound(
  client: TallyrollClient,
  { offeredCount, paymentCount, amounts, claims, rejected, ...others }: CollectPaymentsResult,
  leftForLater: number,
): Promise<string> {
  const { idle, refused, rejectedCount, droppedCount } = others;
  return formatMoneyJson(client, {
    read: offeredCount,
    redeemed: paymentCount,
    amounts: [...amounts].map(([token, amount]) => ({ token, amount })),
    inputs: claims.map((one) => ({ inputIndex: one.inputIndex, claimCount: one.claims.length })),
    idle,
    refused,
    rejected: rejected.map(({ place, ...why }) => ({ ...place, ...why })),
    rejectedCount,
    dropped: droppedCount,
    leftForLater,
  });
}

/** The sum is redeemed, so that a token that does not say its units does not make the command fail. */
async function describeSum(client: TallyrollClient, token: Hex, sum: bigint): Promise<string> {
  try {
    return formatAmount(sum, await readTokenUnits(client, token));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return `${sum} base units of ${token}`;
  }
}

/** The round of a recipient who sends nothing themselves. */
async function signRound(online: CommandActor, chosen: Chosen): Promise<void> {
  const { client, address: recipient, terminal } = online;
  const found = await findDuePayments(client, { payments: chosen.payments, recipient });
  const { due, offeredCount } = found;
  tellLeftOut(found, false, terminal);
  tellLeftForLater(chosen, terminal);
  requireDue(found, due.length);
  if (due.length === 0) {
    const read = `${countOf(offeredCount, "payment")} read, and none brings anything now.`;
    throw new NothingRedeemed(read, {
      whatToDo: "Do nothing: nothing was signed, and nothing is due.",
    });
  }
  const claims = due.slice(0, CLAIMS_AT_ONCE).map(toDueClaim);
  await signForRelay(online, claimChannels.body({ payments: claims }));
  const roomless = due.length - claims.length;
  if (roomless === 0) return;
  terminal.note(`${countOf(roomless, "payment")} had no room: have this relayed, then sign again.`);
}

function tellLeftForLater({ left: { count } }: Chosen, terminal: Terminal): void {
  if (count === 0) return;
  const why = "left for later: no channel of theirs expires so soon.";
  terminal.note(`${countOf(count, "payment")} ${why}`);
}

function tellLeftOut(
  { idle, rejected, rejectedCount, droppedCount }: Omit<DuePayments, "due">,
  isJson: boolean,
  terminal: Terminal,
): void {
  for (const { place, reason, whatToDo } of rejected) {
    const where = place === undefined ? "" : `${place.file}, line ${place.line}: `;
    terminal.note(`${where}${reason} ${whatToDo}`);
  }
  const unnamed = rejectedCount - rejected.length;
  if (unnamed > 0) terminal.note(`${countOf(unnamed, "more line")} rejected.`);
  if (droppedCount > 0) {
    terminal.note(`${countOf(droppedCount, "lane")} had no room: collect the same payments again.`);
  }
  if (isJson) return;
  for (const { payment, reason } of idle) {
    terminal.note(`Channel ${payment.channelId}, ${payment.form}: ${reason}`);
  }
}

/** @throws NothingRedeemed where every payment that is not redeemed yet was rejected. */
function requireDue(
  { offeredCount, rejectedCount }: Pick<DuePayments, "offeredCount" | "rejectedCount">,
  dueCount: number,
): void {
  if (dueCount > 0 || rejectedCount === 0) return;
  throw new NothingRedeemed(
    `${countOf(offeredCount, "payment")} read, none redeemed: ${rejectedCount} cannot be claimed by this ` +
      "account; nothing was sent.",
    { whatToDo: "Give payments to this account as their payers signed them; each is named above." },
  );
}

/** The payments of a round, and how many it leaves. */
interface Chosen {
  readonly payments: AsyncIterable<PaymentLine>;
  /** Counted while `payments` is read. */
  readonly left: { count: number };
}

/**
 * The payments of channels to the account that expire within a span; without one, all. Lines that
 * hold no payment stay among them, so that they are named.
 */
async function chooseExpiring(
  { client, address: recipient }: OnlineActor,
  payments: AsyncIterable<PaymentLine>,
  span: BlockSpan | undefined,
): Promise<Chosen> {
  const left = { count: 0 };
  if (span === undefined) return { payments, left };
  const beforeBlock = findLastBlock(await readBlockCalendar(client), span) + 1;
  const found = await collect(listExpiringChannels(client, { recipient, beforeBlock }));
  const expiring = new Set(found.map(({ channelId }) => channelId));
  const choose = async function* (): AsyncGenerator<PaymentLine, void> {
    for await (const line of payments) {
      if ("error" in line || expiring.has(line.payment.channelId)) yield line;
      else left.count += 1;
    }
  };
  return { payments: choose(), left };
}
