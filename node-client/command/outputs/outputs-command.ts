import { type Command, InvalidArgumentError } from "commander";
import { NOTICES_ABI } from "../../../spec/notices.ts";
import {
  getOutput,
  listOutputs,
  type OutputInfo,
  type OutputKind,
} from "../../client/actions/node-outputs.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { answer, toLoneNoticeJson } from "../money/money-json.ts";
import { ETHER_UNITS } from "../money/token-amounts.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { type Cell, formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { describeOutput } from "./describe-output.ts";

const HELP = `
What the application says to the chain: notices, which a contract can check, and vouchers, which the
application's contract executes: Ether is paid by a voucher, a token by a delegate call voucher, and
--kind voucher lists both. Without an index the newest come first.

Examples:
  $ tallyroll outputs
  $ tallyroll outputs 7 --json
  $ tallyroll outputs --kind voucher --limit 5
  $ tallyroll outputs --notice SubmissionAccepted --input 3`;

/** A notice's name; a wrong one would list nothing, as if there were none of them. */
function parseNotice(text: string): string {
  const names = NOTICES_ABI.map(({ name }) => name);
  if (names.some((name) => name === text)) return text;
  const meant = names.find((name) => name.toLowerCase() === text.toLowerCase());
  throw new InvalidArgumentError(
    meant === undefined ? `Give one of ${names.join(", ")}.` : `Its name is ${meant}.`,
  );
}

const KINDS = ["notice", "voucher", "delegate_call_voucher"] as const;

const addFilterOptions = shareOptions((command) =>
  command
    .choice("--kind <kind>", "only these; voucher: both kinds of them", KINDS)
    .option("--input <n>", "only those of this input", parseIndex)
    .option("--epoch <n>", "only those of this epoch", parseIndex)
    .option("--notice <name>", "only notices of this name, such as Withdrawn", parseNotice)
    .option("--limit <n>", "at most so many", parseWhole(1, 10_000), 20),
);

export function addOutputsCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .reader("outputs", "list notices and vouchers, decoded")
    .argument("[index]", "show this one", parseIndex)
    .with(addFilterOptions)
    .help(HELP)
    .run(async (online, outputIndex) => {
      const { client } = online;
      if (outputIndex !== undefined) {
        const output = await getOutput(client, { outputIndex });
        await answer(online, toJson(output), (columns) => describeWhole(client, output, columns));
        return;
      }
      const outputs = await findOutputs(client, online.options);
      await answer(online, { outputs: outputs.map(toJson) }, async (columns) => {
        const rows: Cell[][] = [];
        for (const one of outputs) {
          const { outputIndex, inputIndex, epochIndex } = one;
          const what = await describeOutput(client, one);
          rows.push([outputIndex, inputIndex, epochIndex, describeState(one), what]);
        }
        return formatTable(["output", "input", "epoch", "state", "what"], rows, columns);
      });
    });
}

/** An output under `--json`: a voucher's value is Ether. */
function toJson(output: OutputInfo): object {
  if (output.kind === "voucher") return { ...output, ...ETHER_UNITS };
  if (output.kind !== "notice" || output.notice === undefined) return output;
  return { ...output, notice: toLoneNoticeJson(output.notice) };
}

/** The newest outputs that are asked for, newest first. */
async function findOutputs(
  client: TallyrollClient,
  { kind, input, epoch, notice, limit }: OptionsIn<typeof addFilterOptions>,
): Promise<OutputInfo[]> {
  const filter = {
    descending: true,
    ...(input === undefined ? {} : { inputIndex: input }),
    ...(epoch === undefined ? {} : { epochIndex: epoch }),
  };
  const found: OutputInfo[] = [];
  for (const oneKind of notice === undefined ? kindsOf(kind) : (["notice"] as const)) {
    let count = 0;
    for await (const output of listOutputs(client, { ...filter, ...oneFilter(oneKind) })) {
      const isWanted =
        notice === undefined || (output.kind === "notice" && output.notice?.name === notice);
      if (!isWanted) continue;
      found.push(output);
      if (++count === limit) break;
    }
  }
  return found.sort((a, b) => b.outputIndex - a.outputIndex).slice(0, limit);
}

const oneFilter = (kind: OutputKind | undefined): { readonly kind?: OutputKind } =>
  kind === undefined ? {} : { kind };

/** Whoever looks for vouchers looks for all that can be executed: tokens are paid by delegate call. */
const kindsOf = (kind: OutputKind | undefined): readonly (OutputKind | undefined)[] =>
  kind === "voucher" ? ["voucher", "delegate_call_voucher"] : [kind];

function describeState({ kind, siblings, executionTransactionHash }: OutputInfo): string {
  if (executionTransactionHash !== undefined) return "executed";
  if (siblings === undefined) return "waits for its epoch";
  return kind === "notice" ? "claimed" : "claimed, not executed";
}

async function describeWhole(
  client: TallyrollClient,
  output: OutputInfo,
  columns: number | undefined,
): Promise<string> {
  const { outputIndex, inputIndex, epochIndex, executionTransactionHash: executed } = output;
  const fields = [
    ["output", `${outputIndex} of input ${inputIndex}, epoch ${epochIndex}`],
    ["what", await describeOutput(client, output)],
    ["state", describeState(output)],
    ...(executed === undefined ? [] : [["by", executed]]),
    ["bytes", output.raw],
  ];
  return formatFields(fields, columns, 7);
}
