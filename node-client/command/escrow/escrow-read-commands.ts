import { type Command, Option } from "commander";
import { ESCROW_STATUSES, type EscrowStatus } from "../../../spec/escrow-operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import {
  countJudgedReadings,
  type EscrowInfo,
  type EscrowUnit,
  getEscrow,
  listDisputes,
  listEscrowIntents,
  listEscrows,
  listEscrowUnits,
} from "../../client/actions/escrow-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { parseEscrowId } from "../../client/escrow/escrow-id-text.ts";
import { formatPredicate } from "../../client/escrow/format-predicate.ts";
import type { JudgedReadings, SessionTime } from "../../client/escrow/judged-readings.ts";
import { describeTerms } from "../../client/escrow/terms-text.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  findAccountAddress,
  type ReaderOptions,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import { examplesText } from "../options/help-text.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { sessionOf } from "./escrow-act.ts";
import { formatJudged } from "./escrow-change-text.ts";

const SHOW_HELP = `
Its token (\`ect\` under --json, spec §12.2) is a name that programs of others can know it by: a hash of
where it was opened, written token-did:empic:…. Knowing it gives no right to anything.

Examples:
  $ tallyroll escrow show standard:0x5f…`;

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

const AWAITED_JUDGED = "the session's end, and the machine's judgement after it";

/** `escrow list`, `intents`, `show` and `units`: what the state knows of escrows. */
export function addEscrowReadCommands(escrow: Command, terminal: Terminal): void {
  for (const add of [addListCommand, addIntentsCommand, addShowCommand, addUnitsCommand])
    add(escrow, terminal);
}

function addListCommand(escrow: Command, terminal: Terminal): void {
  type ListOptions = ActorOptions & {
    readonly sold: boolean;
    readonly disputes: boolean;
    readonly status?: EscrowStatus;
  };
  addActorOptions(escrow.command("list"))
    .argument("[account]", "whose (default: the account that would sign)", parseAddressHex)
    .option("--sold", "those that the account provides for (default: those it bought)", false)
    .addOption(
      new Option("--disputes", "those that wait for the account's word as arbiter")
        .default(false)
        .conflicts(["sold", "status"]),
    )
    .addOption(new Option("--status <status>", "only these").choices([...ESCROW_STATUSES]))
    .description("list the escrows of an account")
    .action(async (given: Hex | undefined, options: ListOptions) => {
      const account = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const side = options.sold ? { provider: account } : { buyer: account };
      const status = options.status === undefined ? {} : { status: options.status };
      const escrows: EscrowInfo[] = [];
      const found = options.disputes
        ? listDisputes(online.client, { arbiter: account })
        : listEscrows(online.client, { ...side, ...status });
      for await (const one of found) escrows.push(one);
      if (escrows.length === 0 && !options.disputes) {
        const other = options.sold
          ? "without --sold those that it bought"
          : "--sold lists those that it provides for";
        terminal.note(
          `${account} has none here: ${other}, --disputes those that wait for its word.`,
        );
      }
      await answer(online, { account, escrows }, (columns) =>
        formatEscrows(online.client, escrows, columns),
      );
    });
}

function addIntentsCommand(escrow: Command, terminal: Terminal): void {
  addReaderOptions(escrow.command("intents").argument("<tag>", "such as weather"))
    .description("list the intents of a tag that wait for a provider")
    .addHelpText("after", examplesText("escrow intents weather"))
    .action(async (tag: string, options: ReaderOptions) => {
      const online = await connect(options, terminal);
      const escrows: EscrowInfo[] = [];
      for await (const one of listEscrowIntents(online.client, { tag })) escrows.push(one);
      await answer(online, { tag, escrows }, (columns) =>
        formatEscrows(online.client, escrows, columns),
      );
    });
}

function addShowCommand(escrow: Command, terminal: Terminal): void {
  addReaderOptions(escrow.command("show").argument("<escrow>", "standard:0x… or intent:0x…"))
    .description("show an escrow, what it awaits and until when")
    .addHelpText("after", SHOW_HELP)
    .action(async (text: string, options: ReaderOptions) => {
      const escrowId = parseEscrowId(text);
      const online = await connect(options, terminal);
      const { timestamp } = await online.client.publicClient.getBlock();
      const info = await getEscrow(online.client, { escrowId, nowSec: Number(timestamp) });
      const judged =
        info.status === "running"
          ? await countJudgedReadings(online.client, { escrow: info })
          : undefined;
      await answer(online, { ...info, ...(judged === undefined ? {} : { judged }) }, (columns) =>
        formatEscrow(online.client, info, judged, columns),
      );
    });
}

function addUnitsCommand(escrow: Command, terminal: Terminal): void {
  addReaderOptions(escrow.command("units").argument("<escrow>", "standard:0x… or intent:0x…"))
    .description("list what became of each unit, and which readings a judgement counted")
    .addHelpText("after", examplesText("escrow units standard:0x5f… --json"))
    .action(async (text: string, options: ReaderOptions) => {
      const escrowId = parseEscrowId(text);
      const online = await connect(options, terminal);
      const units = await listEscrowUnits(online.client, { escrowId });
      const { token } = await getEscrow(online.client, { escrowId });
      await answer(online, { escrowId, token, units }, async (columns) =>
        formatUnits(units, await readTokenUnits(online.client, token), columns),
      );
    });
}

function formatUnits(
  units: readonly EscrowUnit[],
  token: TokenUnits,
  columns: number | undefined,
): string {
  const rows = units.map(({ unit, outcome, amount, batchId, session, inputIndex, judged }) => [
    String(unit),
    amount === undefined ? outcome : `${outcome} ${formatAmount(amount, token)}`,
    inputIndex === undefined ? "" : String(inputIndex),
    batchId === undefined ? formatSession(session) : `batch ${batchId}`,
    judged === undefined ? "" : formatJudged(judged, session),
  ]);
  return formatTable(["unit", "outcome", "input", "delivered", "judged"], rows, columns);
}

const formatSession = (session: SessionTime | undefined): string =>
  session === undefined
    ? ""
    : `${formatTime(session.startedAtSec)} to ${formatTime(session.endsAtSec)}`;

async function formatEscrows(
  client: TallyrollClient,
  escrows: readonly EscrowInfo[],
  columns: number | undefined,
): Promise<string> {
  const rows = await Promise.all(
    escrows.map(async (one) => [
      ...[one.escrowId, one.status, one.mode],
      formatAmount(one.held, await readTokenUnits(client, one.token)),
      ...[`${one.paidUnits}+${one.refundedUnits}/${one.terms.unitCount}`, formatDeadline(one)],
    ]),
  );
  return formatTable(
    ["escrow", "status", "mode", "holds", "paid+refunded/units", "until"],
    rows,
    columns,
  );
}

async function formatEscrow(
  client: TallyrollClient,
  info: EscrowInfo,
  judged: JudgedReadings | undefined,
  columns: number | undefined,
): Promise<string> {
  const units = await readTokenUnits(client, info.token);
  const { terms, price, mode, fillLeft: autoFillLimit } = info;
  const money = (amount: bigint): string => formatAmount(amount, units);
  const fields = [
    ["escrow", info.escrowId],
    ["token", info.ect],
    ["status", `${info.status}${info.due === undefined ? "" : `; a poke makes it ${info.due}`}`],
    [
      "awaits",
      info.status === "running" && terms.predicate ? AWAITED_JUDGED : AWAITED[info.status],
    ],
    ["until", formatDeadline(info)],
    ["holds", `${money(info.held)}, may draw ${money(autoFillLimit)}`],
    price === undefined ? ["ceiling", money(terms.ceiling)] : ["price", `${money(price)} a unit`],
    ["units", `${info.paidUnits} paid, ${info.refundedUnits} refunded of ${terms.unitCount}`],
    ["buyer", info.buyer],
    ["provider", info.provider ?? "waits for one"],
    ["arbiter", terms.arbiter ?? "nobody"],
    ["terms", describeTerms({ ...terms, mode, autoFillLimit }, money)],
    ...(terms.predicate ? [["judged by", formatPredicate(terms.predicate)]] : []),
    ...(judged === undefined ? [] : [["so far", formatJudged(judged, sessionOf(info))]]),
  ];
  return formatFields(fields, columns);
}

const formatDeadline = ({ deadlineSec }: EscrowInfo): string =>
  deadlineSec === undefined ? "closed" : formatTime(deadlineSec);
