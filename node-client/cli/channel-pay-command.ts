import type { Command } from "commander";
import { LANE_MAX } from "../../spec/limits.ts";
import { getChannel } from "../actions/get-channel.ts";
import { type ChannelLane, listChannelLanes } from "../actions/list-channel-lanes.ts";
import { ChannelPayer } from "../channel/channel-payer.ts";
import { type ChannelPayment, formatPayment, totalOf } from "../channel/channel-payment.ts";
import { formatAmount, parseAmount, type TokenUnits } from "./amounts.ts";
import {
  keepPayments,
  lockPayments,
  pathOfPayments,
  readPayments,
} from "./channel-payments-file.ts";
import type { ExitCode, Io } from "./io.ts";
import { type ActorOptions, addActorOptions, connectActor, type OnlineActor } from "./online.ts";
import { parseIndex } from "./outputs-command.ts";
import { parseWhole } from "./parse-arguments.ts";
import type { Terminal } from "./terminal.ts";
import { unitsOf } from "./token-option.ts";

const HELP = `
Signs the next payment and prints it as one line of JSON; nothing is sent. It promises everything that
was promised before on its lane, and the amount; the data folder keeps the last payment of every lane.
Whoever holds it cannot take more than it says, and only the channel's recipient can take it at all.

Examples:
  $ tallyroll channel pay 0 0.001 --dev-account 0 > payment.json
  $ tallyroll channel pay 0 0.001 --lane 3 --dev-account 0 >> payments.txt`;

interface PayOptions extends ActorOptions {
  readonly lane: number;
  readonly mpe: boolean;
  readonly baseUnits: boolean;
}

/** `tallyroll channel pay`: signs a payment, off chain. */
export function addChannelPayCommand(
  channel: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addActorOptions(channel.command("pay").argument("<channel>", "its number", parseIndex))
    .argument("<amount>", "how much more than before, such as 0.001")
    .description("sign a payment off chain, and print it")
    .option("--lane <n>", "pay on a lane of its own", parseWhole(0, LANE_MAX), 0)
    .option("--mpe", "sign MPE's message, for daemons that know no other", false)
    .option("--base-units", "the amount is a whole number of the smallest unit", false)
    .addHelpText("after", HELP)
    .action(async (channelId: number, text: string, options: PayOptions) => {
      const online = await connectActor(options, io, terminal);
      const { client, connection } = online;
      const path = pathOfPayments(connection.dataFolder, client.app);
      const unlock = await lockPayments(path);
      // Given back before the printing, which a reader of the pipe can hold up.
      const { payment, units } = await payNext(online, path, channelId, text, options).finally(
        unlock,
      );
      await terminal.print(`${formatPayment(client.at, payment)}\n`);
      const place = options.lane === 0 ? "this nonce" : `lane ${options.lane}`;
      const total = formatAmount(totalOf(payment), units);
      terminal.note(`Promised ${total} in all on ${place} of channel ${channelId}.`);
      exit(0);
    });
}

/** Signs the payment behind the last one, and keeps it before it is handed out. */
async function payNext(
  { client, account }: OnlineActor,
  path: string,
  channelId: number,
  text: string,
  options: PayOptions,
): Promise<{ readonly payment: ChannelPayment; readonly units: TokenUnits }> {
  const channel = await getChannel(client, { channelId });
  const units = await unitsOf(client, channel.token, options);
  const amount = parseAmount(text, units);
  const lanes: ChannelLane[] = [];
  for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
  const { crypto, at } = client;
  const book = readPayments(path, at);
  const payer = new ChannelPayer({ crypto, signer: account, at, book });
  const { lane, mpe } = options;
  const form = mpe ? { form: "mpe" as const } : {};
  const payment = await payer.pay({ channel, amount, lane, lanes, ...form });
  keepPayments(path, book);
  return { payment, units };
}
