import { ESCROW_STATUSES, type EscrowStatus } from "../../../spec/escrow-operations.ts";
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
import type { Online } from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import { formatAmount, type TokenUnits } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import type { CommandGroup } from "../operation/command-group.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import { collect } from "../terminal/io.ts";
import { ESCROW_WORD, sessionOf } from "./escrow-act.ts";
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

export function addEscrowReadCommands(escrow: CommandGroup): void {
  addListCommand(escrow);
  escrow
    .reader("intents", "list the intents of a tag that wait for a provider")
    .argument("<tag>", "such as weather")
    .examples("escrow intents weather")
    .run(async (online, tag) => {
      const escrows = await collect(listEscrowIntents(online.client, { tag }));
      await answer(online, { tag, escrows }, formatEscrows(online, escrows));
    });
  addOneCommands(escrow);
}

function addListCommand(escrow: CommandGroup): void {
  escrow
    .accountReader("list", "list the escrows of an account")
    .flag("--sold", "those that the account provides for (default: those it bought)")
    .flag("--disputes", "those that wait for the account's word as arbiter")
    .notWith("sold", "status")
    .choice("--status <status>", "only these", ESCROW_STATUSES)
    .run(async (online) => {
      const { client, account, options } = online;
      const side = options.sold ? { provider: account } : { buyer: account };
      const status = options.status === undefined ? {} : { status: options.status };
      const found = options.disputes
        ? listDisputes(client, { arbiter: account })
        : listEscrows(client, { ...side, ...status });
      const escrows = await collect<EscrowInfo>(found);
      if (escrows.length === 0 && !options.disputes) {
        const other = options.sold
          ? "without --sold those that it bought"
          : "--sold lists those that it provides for";
        online.terminal.note(
          `${account} has none here: ${other}, --disputes those that wait for its word.`,
        );
      }
      await answer(online, { account, escrows }, formatEscrows(online, escrows));
    });
}

function addOneCommands(escrow: CommandGroup): void {
  escrow
    .reader("show", "show an escrow, what it awaits and until when")
    .argument("<escrow>", ESCROW_WORD)
    .help(SHOW_HELP)
    .check((_options, text) => parseEscrowId(text))
    .run(async (online) => {
      const { client, found: escrowId } = online;
      const { timestamp } = await client.publicClient.getBlock();
      const info = await getEscrow(client, { escrowId, nowSec: Number(timestamp) });
      const judged =
        info.status === "running" ? await countJudgedReadings(client, { escrow: info }) : undefined;
      await answer(online, { ...info, ...(judged === undefined ? {} : { judged }) }, (columns) =>
        formatEscrow(client, info, judged, columns),
      );
    });
  escrow
    .reader("units", "list what became of each unit, and which readings a judgement counted")
    .argument("<escrow>", ESCROW_WORD)
    .examples("escrow units standard:0x5f… --json")
    .check((_options, text) => parseEscrowId(text))
    .run(async (online) => {
      const { client, found: escrowId } = online;
      const units = await listEscrowUnits(client, { escrowId });
      const { token } = await getEscrow(client, { escrowId });
      await answer(online, { escrowId, token, units }, async (columns) =>
        formatUnits(units, await readTokenUnits(client, token), columns),
      );
    });
}

function formatUnits(
  units: readonly EscrowUnit[],
  token: TokenUnits,
  columns: number | undefined,
): string {
  const rows = units.map(({ unit, outcome, amount, batchId, session, inputIndex, judged }) => [
    unit,
    amount === undefined ? outcome : `${outcome} ${formatAmount(amount, token)}`,
    inputIndex ?? "",
    batchId === undefined ? formatSession(session) : `batch ${batchId}`,
    judged === undefined ? "" : formatJudged(judged, session),
  ]);
  return formatTable(["unit", "outcome", "input", "delivered", "judged"], rows, columns);
}

const formatSession = (session: SessionTime | undefined): string =>
  session === undefined
    ? ""
    : `${formatTime(session.startedAtSec)} to ${formatTime(session.endsAtSec)}`;

const formatEscrows =
  ({ client }: Online, escrows: readonly EscrowInfo[]) =>
  async (columns: number | undefined): Promise<string> => {
    const rows = await Promise.all(
      escrows.map(async (one) => {
        const held = formatAmount(one.held, await readTokenUnits(client, one.token));
        const units = `${one.paidUnits}+${one.refundedUnits}/${one.terms.unitCount}`;
        return [one.escrowId, one.status, one.mode, held, units, formatDeadline(one)];
      }),
    );
    const names = ["escrow", "status", "mode", "holds", "paid+refunded/units", "until"];
    return formatTable(names, rows, columns);
  };

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
