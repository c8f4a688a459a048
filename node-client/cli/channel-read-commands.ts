import type { Command } from "commander";
import type { Hex } from "../../spec/outputs.ts";
import { type ChannelInfo, getChannel } from "../actions/get-channel.ts";
import { type ChannelLane, listChannelLanes } from "../actions/list-channel-lanes.ts";
import { listChannels } from "../actions/list-channels.ts";
import { listExpiringChannels } from "../actions/list-expiring-channels.ts";
import { listUnclaimedChannels } from "../actions/list-unclaimed-channels.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { recoverChannels } from "../channel/recover-channels.ts";
import { findAccountAddress, parseAddressHex } from "./account-address.ts";
import { formatAmount } from "./amounts.ts";
import { formatJson } from "./format-json.ts";
import { formatFields, formatTable } from "./format-table.ts";
import type { ExitCode, Io } from "./io.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  type ReaderOptions,
} from "./online.ts";
import { parseIndex } from "./outputs-command.ts";
import type { Terminal } from "./terminal.ts";
import { readTokenUnits } from "./token-option.ts";

const RECOVER_HELP = `
For a payer who lost his notes: the state alone says what each channel holds, its nonce, its last
claim and what every lane has paid. Payments that a recipient still holds stay good: ask him for his
last one and give \`channel pay\` its total with --promised-before, or go on with --promised-before 0 on
a lane that was never used. Nothing was redeemed of the fresh lane that is shown; that nothing was
promised on it, only payer and recipient know.

Example:
  $ tallyroll channel recover --dev-account 0`;

interface ListOptions extends ActorOptions {
  readonly received: boolean;
  readonly unclaimed: boolean;
  readonly expiringBefore?: number;
}

/** `tallyroll channel list`, `show` and `recover`: what the state knows of channels. */
export function addChannelReadCommands(
  channel: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addActorOptions(channel.command("list"))
    .argument("[account]", "whose (default: the account that would sign)", parseAddressHex)
    .description("list the channels that an account pays from, or is paid by")
    .option("--received", "those that pay the account", false)
    .option("--unclaimed", "those that pay the account and still hold money", false)
    .option("--expiring-before <block>", "of these, what expires before a block", parseIndex)
    .action(async (given: Hex | undefined, options: ListOptions) => {
      const account = await findAccountAddress(given, options, io, terminal);
      const { client } = await connect(options, io);
      const channels: ChannelInfo[] = [];
      for await (const one of choose(client, account, options)) channels.push(one);
      await terminal.print(
        options.json
          ? formatJson({ account, channels })
          : await formatChannels(client, channels, terminal.columns),
      );
      exit(0);
    });

  addReaderOptions(channel.command("show").argument("<channel>", "its number", parseIndex))
    .description("show a channel and its lanes")
    .action(async (channelId: number, options: ReaderOptions) => {
      const { client } = await connect(options, io);
      const info = await getChannel(client, { channelId });
      const lanes: ChannelLane[] = [];
      for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
      const units = await readTokenUnits(client, info.token);
      const rows = lanes.map(({ lane, redeemed, lastCumulative }) => [
        ...[String(lane), formatAmount(redeemed, units), formatAmount(lastCumulative, units)],
      ]);
      const fields = [
        ["sender", info.sender],
        ["signer", info.signer],
        ["recipient", info.recipient],
        ["group", info.groupId],
        ["takes", `${info.payments}, nonce ${info.nonce}, generation ${info.generation}`],
      ];
      const text =
        `${await formatChannels(client, [info], terminal.columns)}\n${formatFields(fields, terminal.columns, 10)}` +
        `${lanes.length === 0 ? "" : `\n${formatTable(["lane", "redeemed", "promised"], rows, terminal.columns)}`}`;
      await terminal.print(options.json ? formatJson({ ...info, lanes }) : text);
      exit(0);
    });

  addActorOptions(channel.command("recover"))
    .argument("[sender]", "whose channels (default: the signing account's)", parseAddressHex)
    .description("tell from the state alone where a lost payer stands")
    .addHelpText("after", RECOVER_HELP)
    .action(async (given: Hex | undefined, options: ActorOptions) => {
      const sender = await findAccountAddress(given, options, io, terminal);
      const { client } = await connect(options, io);
      const recovered = await recoverChannels(client, { sender });
      const rows = await Promise.all(
        recovered.map(async ({ channel: one, lanes, freshLane }) => {
          const units = await readTokenUnits(client, one.token);
          return [
            ...[String(one.channelId), formatAmount(one.value, units), String(one.nonce)],
            ...[
              `${formatAmount(one.lastActual, units)} of ${formatAmount(one.lastPlanned, units)}`,
            ],
            ...[String(lanes.length), String(freshLane)],
          ];
        }),
      );
      const names = ["channel", "spendable", "nonce", "last claim", "lanes", "fresh lane"];
      await terminal.print(
        options.json
          ? formatJson({ sender, channels: recovered })
          : formatTable(names, rows, terminal.columns),
      );
      exit(0);
    });
}

function choose(
  client: TallyrollClient,
  account: Hex,
  { received, unclaimed, expiringBefore }: ListOptions,
): AsyncGenerator<ChannelInfo, void> {
  if (expiringBefore !== undefined) {
    return listExpiringChannels(client, { recipient: account, beforeBlock: expiringBefore });
  }
  if (unclaimed) return listUnclaimedChannels(client, { recipient: account });
  return listChannels(client, received ? { recipient: account } : { sender: account });
}

async function formatChannels(
  client: TallyrollClient,
  channels: readonly ChannelInfo[],
  columns: number | undefined,
): Promise<string> {
  const rows = await Promise.all(
    channels.map(async ({ channelId, value, token, expirationBlock, sender, recipient }) => [
      ...[String(channelId), formatAmount(value, await readTokenUnits(client, token))],
      ...[String(expirationBlock), sender, recipient],
    ]),
  );
  return formatTable(["channel", "holds", "until block", "sender", "recipient"], rows, columns);
}
