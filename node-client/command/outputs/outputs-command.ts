import { type Command, InvalidArgumentError, Option } from "commander";
import { NOTICES_ABI } from "../../../spec/notices.ts";
import {
  getOutput,
  listOutputs,
  type OutputInfo,
  type OutputKind,
} from "../../client/actions/node-outputs.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { addReaderOptions, connect, type ReaderOptions } from "../connection/online.ts";
import { formatMoneyJson, toLoneNoticeJson } from "../money/money-json.ts";
import { ETHER_UNITS } from "../money/token-amounts.ts";
import { parseIndex, parseWhole } from "../options/parse-arguments.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { describeOutput } from "./describe-output.ts";

interface OutputsOptions extends ReaderOptions {
  readonly kind?: OutputKind;
  readonly input?: number;
  readonly epoch?: number;
  readonly notice?: string;
  readonly limit: number;
}

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

/** `tallyroll outputs`: notices and vouchers in words. */
export function addOutputsCommand(program: Command, terminal: Terminal): void {
  addReaderOptions(program.command("outputs").argument("[index]", "show this one", parseIndex))
    .description("list notices and vouchers, decoded")
    .addOption(
      new Option("--kind <kind>", "only these; voucher: both kinds of them").choices([
        ...["notice", "voucher", "delegate_call_voucher"],
      ]),
    )
    .option("--input <n>", "only those of this input", parseIndex)
    .option("--epoch <n>", "only those of this epoch", parseIndex)
    .option("--notice <name>", "only notices of this name, such as Withdrawn", parseNotice)
    .option("--limit <n>", "at most so many", parseWhole(1, 10_000), 20)
    .addHelpText("after", HELP)
    .action(async (index: number | undefined, options: OutputsOptions) => {
      const { client } = await connect(options, terminal);
      if (index !== undefined) {
        const output = await getOutput(client, { outputIndex: index });
        const text = options.json
          ? await formatMoneyJson(client, toJson(output))
          : await describeWhole(client, output, terminal.columns);
        await terminal.print(text);
      } else await listMany(client, options, terminal);
    });
}

async function listMany(
  client: TallyrollClient,
  options: OutputsOptions,
  terminal: Terminal,
): Promise<void> {
  const outputs = await findOutputs(client, options);
  if (options.json) {
    return terminal.print(await formatMoneyJson(client, { outputs: outputs.map(toJson) }));
  }
  const rows: string[][] = [];
  for (const output of outputs) {
    rows.push([
      ...[String(output.outputIndex), String(output.inputIndex), String(output.epochIndex)],
      describeState(output),
      await describeOutput(client, output),
    ]);
  }
  await terminal.print(
    formatTable(["output", "input", "epoch", "state", "what"], rows, terminal.columns),
  );
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
  { kind, input, epoch, notice, limit }: OutputsOptions,
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
