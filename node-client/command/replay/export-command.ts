import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import type { ChainInput } from "../../chain/chain-input.ts";
import { ClientError } from "../../errors.ts";
import { HistoryFile } from "../../history/history-file.ts";
import { InputFiles } from "../../history/input-files.ts";
import { describeFault } from "../../kept/file-error.ts";
import { makeFolder } from "../../kept/kept-file.ts";
import { readChain } from "../../replay/read-chain.ts";
import type { NamedChainPlace } from "../../replay/verify-chain.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { addDataFolderOption, addJsonOption } from "../options/parse-arguments.ts";
import { CreateFileError } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import { codeOf, type Terminal } from "../terminal/terminal.ts";
import { addChainPlaceOptions, atChainPlace } from "./local-application.ts";

const addExportOptions = shareOptions((command) =>
  command
    .with(addChainPlaceOptions)
    .requiredOption("--out <folder>", "where to write; it is made if it is not there")
    .choice(
      "--format <format>",
      "bin: a file an input; jsonl: one history file",
      ["bin", "jsonl"],
      "bin",
    )
    .with(addDataFolderOption)
    .with(addJsonOption),
);
type ExportOptions = OptionsIn<typeof addExportOptions>;

type Exported = Awaited<ReturnType<typeof exportFiles>>;

const HISTORY_FILE = "history.jsonl";

const HELP = `
bin writes one file an input, input-0.bin, input-1.bin, …: the bytes whose hash the InputBox keeps,
as cartesi-machine --cmio-advance-state=input:FOLDER/input-%i.bin,… takes them. jsonl writes
FOLDER/${HISTORY_FILE}, which \`tallyroll replay --inputs\` takes.

Every input is compared with the InputBox. No file is ever replaced. Repeating an export as bin
finishes an interrupted one and adds inputs that came since. A history is written whole or not at
all: an interrupted export leaves none, and one with newer inputs needs another folder.

Examples:
  $ tallyroll export --rpc http://127.0.0.1:8545 --app 0x… --out inputs
  $ tallyroll export --out here --format jsonl && tallyroll replay --inputs here/${HISTORY_FILE}`;

export function addExportCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("export", "write all inputs of an application to files, from the chain alone")
    .with(addExportOptions)
    .help(HELP)
    .run(({ options }) => runExport(options, terminal));
}

async function runExport(options: ExportOptions, terminal: Terminal): Promise<void> {
  const folder = resolve(terminal.io.cwd, options.out);
  if (options.format === "jsonl" && isFolder(folder)) {
    requireNoHistory(join(folder, HISTORY_FILE));
  }
  try {
    const exportAll = options.format === "bin" ? exportFiles : exportHistory;
    const exported = await exportAll(options, folder, terminal);
    terminal.endProgress();
    await terminal.print(describe(exported, options, folder));
  } catch (cause) {
    const code = codeOf(cause);
    if (cause instanceof ClientError || code === undefined) throw cause;
    throw new CreateFileError(`Cannot write into ${folder}: ${describeFault(cause)}.`, {
      whatToDo: "Name a folder that you may write to, with room left.",
      cause,
    });
  }
}

/** Told before the chain is read: a history is written whole, never extended by newer inputs. */
function requireNoHistory(path: string): void {
  if (!existsSync(path)) return;
  throw new CreateFileError(`There is a history at ${path} already, and it is not replaced.`, {
    whatToDo:
      "Give another --out, or move it away: an export as jsonl writes all inputs, also newer ones.",
  });
}

/** @returns Also how many files were made, and how many were there already with the same bytes. */
async function exportFiles(options: ExportOptions, folder: string, terminal: Terminal) {
  let files: InputFiles | undefined;
  return await atChainPlace(options, terminal, async (place) => {
    // Those of an earlier attempt are of blocks that are gone.
    await files?.discard();
    makeFolder(folder);
    files = new InputFiles(folder);
    const inputs = await readInputs(place, terminal, (some) => files!.write(some));
    return { inputs, written: files.writtenCount, present: files.presentCount, place };
  });
}

async function exportHistory(
  options: ExportOptions,
  folder: string,
  terminal: Terminal,
): Promise<Exported> {
  const drafts: HistoryFile[] = [];
  try {
    const read = await atChainPlace(options, terminal, async (place) => {
      makeFolder(folder);
      const file = await HistoryFile.begin(join(folder, HISTORY_FILE));
      drafts.push(file);
      return { file, place, inputs: await readInputs(place, terminal, (some) => file.write(some)) };
    });
    const { file, place, inputs } = read;
    if (inputs > 0) await file.finish();
    return { inputs, written: inputs > 0 ? 1 : 0, present: 0, place };
  } finally {
    for (const draft of drafts) await draft.discard();
  }
}

/** @returns How many inputs there are. */
async function readInputs(
  place: NamedChainPlace,
  terminal: Terminal,
  write: (inputs: readonly ChainInput[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for await (const { inputs, wrongInput } of readChain(place, await createNodeCrypto())) {
    await write(inputs);
    count += inputs.length;
    terminal.progress(() => `exporting input ${count}`);
    if (wrongInput === undefined) continue;
    const { inputIndex, expected, actual } = wrongInput;
    throw new ClientError(
      `Input ${inputIndex} of the provider has the hash ${actual}, in the InputBox ${expected}.`,
      { whatToDo: "Ask another RPC provider: this one altered the input." },
    );
  }
  return count;
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function describe(exported: Exported, { format, json }: ExportOptions, folder: string): string {
  const { inputs, written, present, place } = exported;
  const { chainId, block, contracts } = place;
  if (json) {
    const figures = { inputs, written, present, format, folder };
    return formatJson({ ...figures, chainId, app: contracts.app, block });
  }
  const last = inputs - 1;
  const names = format === "jsonl" ? HISTORY_FILE : `input-0.bin to input-${last}.bin`;
  const there = present === 0 ? "" : `, ${present} were there already`;
  return (
    `inputs  ${inputs}, up to block ${block.number} ${block.hash}\n` +
    `files   ${inputs === 0 ? "none" : `${written} written${there}: ${names} in ${folder}`}\n`
  );
}
