import { type Command, Option } from "commander";
import { getOutput } from "../actions/get-output.ts";
import { listOutputs } from "../actions/list-outputs.ts";
import type { OutputInfo, OutputKind } from "../actions/output-info.ts";
import { formatJson } from "./format-json.ts";
import { formatTable } from "./format-table.ts";
import type { ExitCode, Io } from "./io.ts";
import { addReaderOptions, connect, type ReaderOptions } from "./online.ts";
import { parseWhole } from "./parse-arguments.ts";
import type { Terminal } from "./terminal.ts";

interface OutputsOptions extends ReaderOptions {
  readonly kind?: OutputKind;
  readonly input?: number;
  readonly epoch?: number;
  readonly notice?: string;
  readonly limit: number;
}

const HELP = `
What the application says to the chain: notices, which a contract can check, and vouchers, which the
application's contract executes. Without an index the newest come first.

Examples:
  $ tallyroll outputs
  $ tallyroll outputs 7 --json
  $ tallyroll outputs --kind voucher --limit 5
  $ tallyroll outputs --notice SubmissionAccepted --input 3`;

/** An index of inputs, outputs, epochs: a counter of the protocol. */
export const parseIndex = parseWhole(0, Number.MAX_SAFE_INTEGER);

/** `tallyroll outputs`: notices and vouchers in words. */
export function addOutputsCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addReaderOptions(program.command("outputs").argument("[index]", "show this one", parseIndex))
    .description("list notices and vouchers, decoded")
    .addOption(
      new Option("--kind <kind>", "only these").choices([
        ...["notice", "voucher", "delegate_call_voucher"],
      ]),
    )
    .option("--input <n>", "only those of this input", parseIndex)
    .option("--epoch <n>", "only those of this epoch", parseIndex)
    .option("--notice <name>", "only notices of this name, such as Withdrawn")
    .option("--limit <n>", "at most so many", parseWhole(1, 10_000), 20)
    .addHelpText("after", HELP)
    .action(async (index: number | undefined, options: OutputsOptions) => {
      const { client } = await connect(options, io);
      if (index !== undefined) {
        const output = await getOutput(client, { outputIndex: index });
        await terminal.print(options.json ? formatJson(output) : describeWhole(output));
      } else await listMany(client, options, terminal);
      exit(0);
    });
}

async function listMany(
  client: Parameters<typeof listOutputs>[0],
  { kind, input, epoch, notice, limit, json }: OutputsOptions,
  terminal: Terminal,
): Promise<void> {
  const wanted = notice === undefined ? kind : "notice";
  const outputs: OutputInfo[] = [];
  const filter = {
    descending: true,
    ...(wanted === undefined ? {} : { kind: wanted }),
    ...(input === undefined ? {} : { inputIndex: input }),
    ...(epoch === undefined ? {} : { epochIndex: epoch }),
  };
  for await (const output of listOutputs(client, filter)) {
    const isWanted =
      notice === undefined || (output.kind === "notice" && output.notice?.name === notice);
    if (isWanted) outputs.push(output);
    if (outputs.length === limit) break;
  }
  if (json) return terminal.print(formatJson({ outputs }));
  const rows = outputs.map((output) => [
    ...[String(output.outputIndex), String(output.inputIndex), String(output.epochIndex)],
    describeState(output),
    describeOutput(output),
  ]);
  await terminal.print(formatTable(["output", "input", "epoch", "state", "what"], rows));
}

/** An output in a few words. */
export function describeOutput(output: OutputInfo): string {
  if (output.kind === "voucher") {
    return `voucher: ${output.valueWei} wei to ${output.destination}`;
  }
  if (output.kind === "delegate_call_voucher")
    return `voucher: delegate call of ${output.destination}`;
  if (output.kind === "unknown" || output.notice === undefined)
    return `${output.kind} ${output.raw.slice(0, 42)}…`;
  const fields = Object.entries(output.notice.args).map(([name, value]) => `${name}=${value}`);
  return `${output.notice.name} ${fields.join(" ")}`;
}

function describeState({ kind, siblings, executionTransactionHash }: OutputInfo): string {
  if (executionTransactionHash !== undefined) return "executed";
  if (siblings === undefined) return "waits for its epoch";
  return kind === "notice" ? "claimed" : "claimed, not executed";
}

function describeWhole(output: OutputInfo): string {
  const { outputIndex, inputIndex, epochIndex, executionTransactionHash: executed } = output;
  return (
    `output  ${outputIndex} of input ${inputIndex}, epoch ${epochIndex}\n` +
    `what    ${describeOutput(output)}\nstate   ${describeState(output)}\n` +
    (executed === undefined ? "" : `by      ${executed}\n`) +
    `bytes   ${output.raw}\n`
  );
}
