import type { Command } from "commander";
import { fromClaimNotices } from "../actions/claim-channels.ts";
import { type ChannelInfo, getChannel } from "../actions/get-channel.ts";
import { type ChannelPayment, PaymentError, toClaim } from "../channel/channel-payment.ts";
import { requireRound } from "../channel/check-payment.ts";
import {
  CLAIMS_AT_ONCE,
  collectPayments,
  type DuePayments,
  findDuePayments,
  toDueClaim,
} from "../channel/collect-payments.ts";
import { PaymentBook } from "../channel/payment-book.ts";
import {
  actForNotices,
  addOperationOptions,
  type OperationOptions,
  requirePlace,
  signForRelay,
} from "./act.ts";
import { formatAmount, parseAmount, type TokenUnits } from "./amounts.ts";
import { readPaymentFiles } from "./channel-payments-file.ts";
import { formatJson } from "./format-json.ts";
import type { ExitCode, Io } from "./io.ts";
import { connectActor, type OnlineActor } from "./online.ts";
import type { Terminal } from "./terminal.ts";
import { readTokenUnits, unitsOf } from "./token-option.ts";

const CLAIM_HELP = `
Redeems one payment that \`channel pay\` printed. Without a lane it ends the channel's nonce; --actual
takes a part of it. A lane pays all that is due. --send-back closes the channel: what is left goes back to its sender.

Examples:
  $ tallyroll channel claim payment.json --dev-account 1
  $ tallyroll channel claim payment.json --actual 0.3 --send-back --dev-account 1`;

const COLLECT_HELP = `
The treasurer's round: reads any number of payments, one a line, takes the best of every channel and
lane, leaves out what brings nothing, and redeems the rest 255 at a time, each input all or none. With
--relay-out it signs the first 255 for somebody else to send: relay them before the next round.

Examples:
  $ tallyroll channel multi-claim payments/*.txt --dev-account 1
  $ cat log.txt | tallyroll channel multi-claim - --dev-account 1 --json
  $ tallyroll channel multi-claim payments/*.txt --relay-out round.json --keystore me.json`;

/** `tallyroll channel claim` and `multi-claim`: the recipient redeems payments. */
export function addChannelClaimCommands(
  channel: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
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
      requirePlace(options, io);
      const online = await connectActor(options, io, terminal);
      const { client } = online;
      const [payment, ...others] = await readPaymentFiles([file], client.at, io);
      if (payment === undefined || others.length > 0) {
        throw new PaymentError(`${file} holds ${others.length + (payment ? 1 : 0)} payments.`, {
          whatToDo: "Give a file with one, or redeem them together with `channel multi-claim`.",
        });
      }
      const channel = await getChannel(client, { channelId: payment.channelId });
      const units = await unitsOf(client, channel.token, options);
      const actual = options.actual === undefined ? undefined : parseAmount(options.actual, units);
      if (actual !== undefined) requireActual(actual, payment, channel, units);
      // An operation for a relay may wait for others that change the channel first.
      if (options.relayOut === undefined) requireRound(payment, channel);
      const part = actual === undefined ? {} : { actual };
      const claim = toClaim(payment, { ...part, isSendBack: options.sendBack });
      await actForNotices(online, { kind: "claim_channel", ...claim }, options, {
        ...{ io, terminal },
        describe: (notices, inputIndex) => {
          const [claimed] = fromClaimNotices(inputIndex, notices, 1);
          const { amount = 0n, sentBack = 0n, keptInChannel = 0n } = claimed ?? {};
          const back = sentBack > 0n ? `, ${formatAmount(sentBack, units)} went back` : "";
          return {
            text:
              `${formatAmount(amount, units)} redeemed from channel ${payment.channelId}${back}; ` +
              `it holds ${formatAmount(keptInChannel, units)} (input ${inputIndex}).`,
            json: { ...claimed },
          };
        },
      });
      exit(0);
    });

  addOperationOptions(channel.command("multi-claim").argument("<files...>", "payments, one a line"))
    .description("redeem the best payment of every channel and lane at once")
    .addHelpText("after", COLLECT_HELP)
    .action(async (files: string[], options: OperationOptions) => {
      requirePlace(options, io);
      await collect(files, options, io, terminal);
      exit(0);
    });
}

/**
 * Tells in the token's units, and before anything is sent, what of `--actual` would be refused.
 *
 * @throws PaymentError
 */
function requireActual(
  actual: bigint,
  payment: ChannelPayment,
  channel: ChannelInfo,
  units: TokenUnits,
): void {
  const asked = formatAmount(actual, units);
  const fail = (what: string, whatToDo: string) =>
    new PaymentError(`${what}; nothing was sent.`, { whatToDo });
  if (payment.form === "lane") {
    throw fail(
      `A payment of a lane pays all that is due, so --actual ${asked} is not possible on lane ` +
        `${payment.lane}`,
      "Leave --actual away.",
    );
  }
  if (actual > payment.amount) {
    throw fail(
      `The payment promises ${formatAmount(payment.amount, units)}, less than --actual ${asked} ` +
        "(claim_over_planned)",
      "Take less, or ask the payer for a payment of more.",
    );
  }
  if (actual > channel.value) {
    throw fail(
      `Channel ${channel.channelId} holds ${formatAmount(channel.value, units)}, less than ` +
        `--actual ${asked} (claim_over_value)`,
      "Take less, or ask the payer to add funds.",
    );
  }
}

async function collect(
  files: readonly string[],
  options: OperationOptions,
  io: Io,
  terminal: Terminal,
): Promise<void> {
  const online = await connectActor(options, io, terminal);
  const { client } = online;
  const book = new PaymentBook(client.at);
  const payments = await readPaymentFiles(files, client.at, io);
  for (const payment of payments) book.put(payment);
  if (options.relayOut !== undefined) {
    await signRound(online, book, payments.length, options, { io, terminal });
    return;
  }
  terminal.progress(() => `redeeming the best of ${payments.length} payments`);
  const { claims, paymentCount, amounts, idle, wrong } = await collectPayments(client, { book });
  tellLeftOut(options.json ? [] : idle, wrong, terminal);
  requireDue(payments.length, paymentCount, wrong.length);
  if (options.json) {
    const inputs = claims.map(({ inputIndex, amount }) => ({ inputIndex, amount }));
    await terminal.print(
      formatJson({
        read: payments.length,
        redeemed: paymentCount,
        amounts,
        inputs,
        idle,
        wrong: wrong.map(({ shortMessage, whatToDo }) => ({ reason: shortMessage, whatToDo })),
      }),
    );
    return;
  }
  const sums = await Promise.all(
    [...amounts].map(async ([token, sum]) =>
      formatAmount(sum, await readTokenUnits(client, token)),
    ),
  );
  await terminal.print(
    `${payments.length} payments read, ${paymentCount} redeemed in ${claims.length} inputs` +
      `${sums.length === 0 ? "" : `: ${sums.join(", ")}`}.\n`,
  );
}

/** The round of a recipient who sends nothing himself. */
async function signRound(
  online: OnlineActor,
  book: PaymentBook,
  readCount: number,
  options: OperationOptions,
  { io, terminal }: { readonly io: Io; readonly terminal: Terminal },
): Promise<void> {
  const recipient = online.address;
  const { due, idle, wrong } = await findDuePayments(online.client, { book, recipient });
  tellLeftOut(idle, wrong, terminal);
  requireDue(readCount, due.length, wrong.length);
  if (due.length === 0) {
    throw new PaymentError(`${readCount} payments read, and none brings anything now.`, {
      whatToDo: "Do nothing: nothing was signed, and nothing is due.",
    });
  }
  const claims = due.slice(0, CLAIMS_AT_ONCE).map(toDueClaim);
  await signForRelay(online, { kind: "multi_claim", claims }, options, { io, terminal });
  const left = due.length - claims.length;
  if (left > 0) terminal.note(`${left} payments had no room: have this relayed, then sign again.`);
}

function tellLeftOut(
  idle: DuePayments["idle"],
  wrong: DuePayments["wrong"],
  terminal: Terminal,
): void {
  for (const { shortMessage, whatToDo } of wrong) terminal.note(`${shortMessage} ${whatToDo}`);
  for (const { payment, reason } of idle) {
    terminal.note(`Channel ${payment.channelId}, ${payment.form}: ${reason}`);
  }
}

/** @throws PaymentError where every payment that is not redeemed yet is wrong. */
function requireDue(readCount: number, dueCount: number, wrongCount: number): void {
  if (dueCount > 0 || wrongCount === 0) return;
  throw new PaymentError(
    `${readCount} payments read, none redeemed: ${wrongCount} cannot be claimed by this account; ` +
      "nothing was sent.",
    { whatToDo: "Give payments to this account as their payers signed them; each is told above." },
  );
}
