import { type Command, Option } from "commander";
import { ESCROW_STATUSES, type EscrowStatus } from "../../spec/escrow-operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { type EscrowInfo, getEscrow } from "../actions/get-escrow.ts";
import { listEscrowIntents } from "../actions/list-escrow-intents.ts";
import { listEscrows } from "../actions/list-escrows.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { parseEscrowId } from "../escrow/escrow-id-text.ts";
import { formatPredicate } from "../escrow/format-predicate.ts";
import { findAccountAddress, parseAddressHex } from "./account-address.ts";
import { formatAmount } from "./amounts.ts";
import type { CommandParts } from "./escrow-act.ts";
import { formatTime } from "./format-csv.ts";
import { formatJson } from "./format-json.ts";
import { formatFields, formatTable } from "./format-table.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  type ReaderOptions,
} from "./online.ts";
import { readTokenUnits } from "./token-option.ts";

/** What each status waits for (spec §12.3). */
const AWAITED: Readonly<Record<EscrowStatus, string>> = {
  offered: "a provider",
  active: "the next unit",
  running: "the session's end and word of it",
  delivered: "the buyer's answer; silence accepts",
  disputed: "the arbiter",
  ending: "receipts",
  ...{ released: "nothing", refunded: "nothing", expired: "nothing" },
};

/** `escrow list`, `intents` and `show`: what the state knows of escrows. */
export function addEscrowReadCommands(escrow: Command, parts: CommandParts): void {
  const { io, terminal, exit } = parts;
  type ListOptions = ActorOptions & { readonly sold: boolean; readonly status?: EscrowStatus };
  addActorOptions(escrow.command("list"))
    .argument("[account]", "whose (default: the account that would sign)", parseAddressHex)
    .option("--sold", "those that the account provides for (default: those it bought)", false)
    .addOption(new Option("--status <status>", "only these").choices([...ESCROW_STATUSES]))
    .description("list the escrows of an account")
    .action(async (given: Hex | undefined, options: ListOptions) => {
      const account = await findAccountAddress(given, options, io, terminal);
      const { client } = await connect(options, io);
      const side = options.sold ? { provider: account } : { buyer: account };
      const status = options.status === undefined ? {} : { status: options.status };
      const escrows: EscrowInfo[] = [];
      for await (const one of listEscrows(client, { ...side, ...status })) escrows.push(one);
      await terminal.print(
        options.json ? formatJson({ account, escrows }) : await formatEscrows(client, escrows),
      );
      exit(0);
    });

  addReaderOptions(escrow.command("intents").argument("<tag>", "such as weather"))
    .description("list the intents of a tag that wait for a provider")
    .action(async (tag: string, options: ReaderOptions) => {
      const { client } = await connect(options, io);
      const escrows: EscrowInfo[] = [];
      for await (const one of listEscrowIntents(client, { tag })) escrows.push(one);
      await terminal.print(
        options.json ? formatJson({ tag, escrows }) : await formatEscrows(client, escrows),
      );
      exit(0);
    });

  addReaderOptions(escrow.command("show").argument("<escrow>", "standard:0x… or intent:0x…"))
    .description("show an escrow, what it awaits and until when")
    .action(async (text: string, options: ReaderOptions) => {
      const escrowId = parseEscrowId(text);
      const { client } = await connect(options, io);
      const { timestamp } = await client.publicClient.getBlock();
      const info = await getEscrow(client, { escrowId, nowSec: Number(timestamp) });
      await terminal.print(options.json ? formatJson(info) : await formatEscrow(client, info));
      exit(0);
    });
}

async function formatEscrows(
  client: TallyrollClient,
  escrows: readonly EscrowInfo[],
): Promise<string> {
  const rows = await Promise.all(
    escrows.map(async (one) => [
      ...[one.escrowId, one.status, one.mode],
      formatAmount(one.held, await readTokenUnits(client, one.token)),
      ...[`${one.paidUnits}+${one.refundedUnits}/${one.terms.unitCount}`, formatDeadline(one)],
    ]),
  );
  return formatTable(["escrow", "status", "mode", "holds", "paid+refunded/units", "until"], rows);
}

async function formatEscrow(client: TallyrollClient, info: EscrowInfo): Promise<string> {
  const units = await readTokenUnits(client, info.token);
  const { terms, price } = info;
  const session =
    info.mode === "pull"
      ? []
      : [["sessions", `${terms.durationSec} s, ${terms.expectedMsgs} messages expected`]];
  const judged = terms.predicate && formatPredicate(terms.predicate);
  return formatFields([
    ["escrow", info.escrowId],
    ["ect", info.ect],
    ["status", `${info.status}${info.due === undefined ? "" : `; a poke makes it ${info.due}`}`],
    ["awaits", AWAITED[info.status]],
    ["until", formatDeadline(info)],
    ["holds", `${formatAmount(info.held, units)}, may draw ${formatAmount(info.fillLeft, units)}`],
    price === undefined
      ? ["ceiling", formatAmount(terms.ceiling, units)]
      : ["price", `${formatAmount(price, units)} a unit`],
    ["units", `${info.paidUnits} paid, ${info.refundedUnits} refunded of ${terms.unitCount}`],
    ["buyer", info.buyer],
    ["provider", info.provider ?? "waits for one"],
    ["arbiter", terms.arbiter ?? "nobody"],
    ...session,
    ["least", `${terms.minMsgCount} messages, ${terms.minValidRatio * 100} % valid`],
    ...(judged === undefined ? [] : [["judged by", judged]]),
  ]);
}

const formatDeadline = ({ deadlineSec }: EscrowInfo): string =>
  deadlineSec === undefined ? "closed" : formatTime(deadlineSec);
