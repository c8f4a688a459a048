import type { Command } from "commander";
import { getStream } from "../actions/get-stream.ts";
import { QueryRefused } from "../actions/inspect-application.ts";
import { type ProvenReading, proveReading } from "../actions/prove-reading.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { ClientError } from "../errors.ts";
import { createFile, requireNoFile } from "./create-file.ts";
import { formatJson } from "./format-json.ts";
import type { ExitCode, Io } from "./io.ts";
import { addReaderOptions, connect, type ReaderOptions } from "./online.ts";
import { parseIndex } from "./outputs-command.ts";
import type { Terminal } from "./terminal.ts";

interface ProveOptions extends ReaderOptions {
  readonly out?: string;
  readonly wait: boolean;
}

/** The stream has no reading of that sequence. */
export class ReadingNotFound extends ClientError {
  override readonly name = "ReadingNotFound";
}

const HELP = `
Proves one reading of an open stream to a contract: its path to the commitment of its batch, the
notice that tells that commitment, and the notice's path to the claim on chain. The JSON has what
the contract ClaimedReading takes. Waits for the claim, unless told not to.

Examples:
  $ tallyroll prove 1 7
  $ tallyroll prove 1 7 --out proof.json`;

/** `tallyroll prove`: the proof of one reading, for a contract. */
export function addProveCommand(
  program: Command,
  io: Io,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): void {
  addReaderOptions(program.command("prove"))
    .argument("<stream>", "its number", parseIndex)
    .argument("<sequence>", "the reading's", parseIndex)
    .description("prove one reading of an open stream against the claim on chain")
    .option("--out <file>", "write the proof into a new file")
    .option("--no-wait", "end with exit code 2 where the claim is not there yet")
    .addHelpText("after", HELP)
    .action(async (streamId: number, sequence: number, options: ProveOptions) => {
      if (options.out !== undefined) requireNoFile(options.out, io);
      const { client } = await connect(options, io);
      let waits = false;
      const proving = proveReading(client, {
        ...{ streamId, sequence, waitForClaim: options.wait },
        onWait: ({ epoch, blocksLeft, notBeforeSec }) => {
          const line = `epoch ${epoch.epochIndex} ends in ${blocksLeft} ${blocksLeft === 1 ? "block" : "blocks"}, about ${notBeforeSec} s`;
          if (!waits) terminal.note(`Waiting for the claim: ${line}.`);
          waits = true;
          terminal.progress(() => `waiting for the claim: ${line}`);
        },
      });
      const proven = await proving.catch(async (error: unknown) => {
        throw await tellSequences(client, streamId, sequence, error);
      });
      await showProof(proven, options, io, terminal);
      exit(0);
    });
}

/** What the application says of a reading that is not there, with those that are. */
async function tellSequences(
  client: TallyrollClient,
  streamId: number,
  sequence: number,
  error: unknown,
): Promise<unknown> {
  const isAbsent = error instanceof QueryRefused && error.reason.startsWith("no reading has");
  if (!isAbsent) return error;
  const { readingCount, nextSequence } = await getStream(client, { streamId });
  const there =
    readingCount === 0
      ? "it has none yet"
      : `it has ${readingCount}, of sequences up to ${nextSequence - 1}`;
  return new ReadingNotFound(`Stream ${streamId} has no reading ${sequence}; ${there}.`, {
    whatToDo: `Name one of those: \`tallyroll stream readings ${streamId}\` lists them.`,
    cause: error,
  });
}

async function showProof(
  proven: ProvenReading,
  { out, json }: ProveOptions,
  io: Io,
  terminal: Terminal,
): Promise<void> {
  const proof = formatJson(proven);
  if (out === undefined) return terminal.print(proof);
  const file = createFile(out, proof, io);
  const { sequence, batch } = proven;
  const { streamId, batchId } = batch;
  await terminal.print(
    json
      ? formatJson({ file, streamId, sequence, batchId })
      : `Reading ${sequence} of stream ${streamId} is proved in ${file}.\n`,
  );
}
