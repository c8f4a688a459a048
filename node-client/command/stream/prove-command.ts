import type { Command } from "commander";
import { KEY_GROUPS_MAX } from "../../../spec/limits.ts";
import { CLAIMED_READING } from "../../chain/claimed-reading.ts";
import { hasContract } from "../../chain/create2.ts";
import { type ProvenReading, proveReading } from "../../client/actions/batch-actions.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import { challenge } from "../../client/actions/device-actions.ts";
import { getEpoch } from "../../client/actions/node-epochs.ts";
import { QueryRefused, unlessNotFound } from "../../client/actions/query-refused.ts";
import { readArchivedBatch } from "../../client/actions/read-archived-batch.ts";
import {
  getBatch,
  getDevice,
  getStream,
  type StreamInfo,
} from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { answer } from "../money/money-json.ts";
import { act } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import {
  parseBytes,
  parseIndex,
  parseWhole,
  splitList,
  unescapeName,
} from "../options/parse-arguments.ts";
import { noteWait } from "../outputs/describe-output.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import { errorKind } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatProof, type ShownProof, toProofJson } from "./prove-text.ts";

const ReadingNotFound = errorKind("ReadingNotFound");
const MetricNotFound = errorKind("MetricNotFound");

const HELP = `
Proves one reading of an open stream to a contract: its path to the commitment of its batch, the
notice that names that commitment, and the notice's path to the claim on chain. The JSON's fields are
the arguments of readClaimed of spec/ClaimedReading.sol, by its names; spec/VERIFYING.md shows how a
contract of yours takes them. Waits for the claim, unless --no-wait is given.

Examples:
  $ tallyroll prove 1 7
  $ tallyroll prove 1 7 --metrics temperature --out proof.json`;

export function addProveCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .reader("prove", "prove one reading of an open stream against the claim on chain")
    .argument("<stream>", "its number", parseIndex)
    .argument("<sequence>", "the reading's", parseIndex)
    .option("--metrics <a,b,…>", "what the contract shall read (default: every number)", (list) =>
      splitList(list, ",").map(unescapeName),
    )
    .option("--out <file>", "write the proof into a new file, as JSON")
    .flag("--no-wait", "end with exit code 2 where the claim is not there yet")
    .help(HELP)
    .check(({ out }) => out !== undefined && requireNoFile(out, terminal.io))
    .run(async (online, streamId, sequence) => {
      const { wait: waitForClaim, metrics, out } = online.options;
      const proving = proveReading(online.client, {
        ...{ streamId, sequence, waitForClaim, onWait: noteWait(terminal) },
      });
      const proven = await proving.catch(async (error: unknown) => {
        throw await tellSequences(online.client, streamId, sequence, error);
      });
      const shown = await describeProof(online.client, proven, metrics);
      const proof = toProofJson(shown);
      const file = out && createFile(out, formatJson(proof), terminal.io);
      const { batchId } = proven.batch;
      const written = { file, streamId, sequence, batchId };
      await answer(online, file === undefined ? proof : written, (columns) =>
        formatProof(shown, file, columns),
      );
    });
}

/** What the application says of a reading that is not there, with those that are. */
async function tellSequences(
  client: TallyrollClient,
  streamId: number,
  sequence: number,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof QueryRefused) || error.reason !== "reading_not_found") return error;
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

/** Adds to a proof what its summary tells. */
async function describeProof(
  client: TallyrollClient,
  proven: ProvenReading,
  names: readonly string[] | undefined,
): Promise<ShownProof> {
  const stream = await getStream(client, { streamId: proven.batch.streamId });
  const device = await getDevice(client, { deviceId: stream.deviceId });
  const epoch = await getEpoch(client, { epochIndex: proven.claimEpoch });
  const isDeployed = await callChain(client, "look for the contract ClaimedReading", () =>
    hasContract(client.publicClient, CLAIMED_READING),
  );
  return { proven, stream, device, epoch, metrics: chooseMetrics(stream, names), isDeployed };
}

/** The numbers that are meant, by their place in the stream; a contract cannot read texts. */
function chooseMetrics(
  { streamId, metrics }: StreamInfo,
  names: readonly string[] | undefined,
): readonly number[] {
  const isNumber = (at: number): boolean => metrics[at]?.kind === "integer";
  if (names === undefined) return metrics.flatMap((_, at) => (isNumber(at) ? [at] : []));
  return names.map((name) => {
    const at = metrics.findIndex((metric) => metric.name === name);
    if (isNumber(at)) return at;
    const numbers = metrics.filter(({ kind }) => kind === "integer").map((metric) => metric.name);
    throw new MetricNotFound(`Stream ${streamId} has no numeric metric ${JSON.stringify(name)}.`, {
      whatToDo:
        numbers.length === 0
          ? "Leave --metrics away: the stream has texts only, which a contract cannot read."
          : `Name some of ${numbers.join(", ")} with --metrics.`,
    });
  });
}

const CHALLENGE_HELP = `
A sealed batch that does not hold what its device committed to is fraud, and can be proved: reveal
the batch key that \`tallyroll stream read\` names when it refuses the batch. The machine decrypts it
and records the verdict. Of a batch that is archived the body is brought along. The key opens this one group of this one batch, and becomes public.

Examples:
  $ tallyroll challenge 7 --group 0 --batch-key 0x5f…3a --dev-account 1`;

export function addChallengeCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .operation("challenge", "prove that a sealed batch is not what its device committed to")
    .argument("<batch>", "its number", parseIndex)
    .requiredOption("--group <n>", "the key group", parseWhole(0, KEY_GROUPS_MAX - 1))
    .requiredOption("--batch-key <hex>", "that group's batch key", parseBytes(32, "the batch key"))
    .help(CHALLENGE_HELP)
    .run(async (online, batchId) => {
      const { group, batchKey } = online.options;
      const asked = getBatch(online.client, { batchId });
      const known = await unlessNotFound(asked, "batch_not_found");
      const archived = known?.isArchived
        ? await readArchivedBatch(online.client, { batchId })
        : undefined;
      await act(online, challenge, {
        fields: { batchId, group, batchKey, ...(archived && { archived }) },
        describe: ({ streamId }, { inputIndex }) =>
          `Batch ${batchId} of stream ${streamId} is proved false (input ${inputIndex}).`,
      });
    });
}
