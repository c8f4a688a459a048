import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import {
  readOwnStream,
  readSealedStream,
  StreamNotGranted,
} from "../../client/actions/read-sealed-stream.ts";
import {
  getDevice,
  getStream,
  listGrants,
  type StreamInfo,
} from "../../client/actions/stream-queries.ts";
import { listReadings, type UnsealedBatch } from "../../client/buyer/read-sealed.ts";
import { countOf } from "../../count-of.ts";
import {
  type ActorOptions,
  addActorOptions,
  connect,
  findAccountAddress,
  type Online,
} from "../connection/online.ts";
import { pathOfEncryptionKey, readEncryptionKey } from "../device/encryption-key-file.ts";
import { EpochKeysMissing, requireEpochKeys } from "../device/epoch-keys.ts";
import { parseAddressHex, parseIndex, printsJsonLines } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Io } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ReadingPrinter } from "./reading-printer.ts";

const HELP = `
Its owner reads a sealed stream with the epoch keys of the data folder; a buyer with an encryption key
and the grants made for it. Every batch is checked against what the device signed. Columns that were
not granted are left out.

Examples:
  $ tallyroll stream read 2 > own.csv
  $ tallyroll stream read 2 --dev-account 1 > bought.csv
  $ tallyroll stream read 2 --dev-account 1 --json | jq '.values // empty'`;

interface SealedReadOptions extends ActorOptions {
  readonly buyer?: Hex;
  readonly encryptionKey?: string;
  readonly fromSequence: number;
}

/** What is read, and what had to be left out of it. */
interface SealedReading {
  readonly batches: AsyncGenerator<UnsealedBatch, void>;
  /** Bit mask of the key groups that can be read at all. */
  readonly groups: number;
}

/** `tallyroll stream read`: a sealed stream, for its owner and for buyers. */
export function addStreamSealedReadCommand(stream: Command, terminal: Terminal): void {
  printsJsonLines(
    addActorOptions(stream.command("read").argument("<stream>", "its number", parseIndex)),
  )
    .description(
      "decrypt a sealed stream of yours, or one you were granted, check it, print it as CSV",
    )
    .option("--buyer <address>", "the grants' account (default: the signing one)", parseAddressHex)
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .option("--from-sequence <n>", "begin with the batch of this reading", parseIndex, 0)
    .addHelpText("after", HELP)
    .action((streamId: number, options: SealedReadOptions) =>
      readSealed(streamId, options, terminal),
    );
}

async function readSealed(
  streamId: number,
  options: SealedReadOptions,
  terminal: Terminal,
): Promise<void> {
  const online = await connect(options, terminal);
  const stream = await getStream(online.client, { streamId });
  let skipped = 0;
  const onSkipped = ({ readingCount }: { readonly readingCount: number }): void => {
    skipped += readingCount;
  };
  let known: Promise<Hex> | undefined;
  // Looked up once, and only where the keys alone do not decide.
  const findReader = (): Promise<Hex> =>
    (known ??= findAccountAddress(options.buyer, options, terminal));
  const isOwner = await isKeptByOwner(online, stream, options, findReader);
  const { batches, groups } = isOwner
    ? openAsOwner(online, streamId, options, onSkipped)
    : await openAsBuyer(online, streamId, options, {
        io: terminal.io,
        account: await findReader(),
        onSkipped,
      });
  const printer = new ReadingPrinter(terminal, stream.metrics, {
    json: options.json,
    isVisible: ({ group }) => ((groups >>> group) & 1) === 1,
  });
  for await (const batch of batches) {
    for (const reading of listReadings(batch, stream.metrics)) await printer.print(reading);
    if (terminal.isClosed) break;
  }
  await printer.begin();
  // Nobody who was granted less shall take what an owner sees for what was sold to them.
  if (isOwner) terminal.note("Read as the owner, by the epoch keys of this data folder.");
  if (skipped > 0) {
    const why = isOwner ? "whose keys are not in this data folder" : "that were not granted";
    terminal.note(`Left out: ${countOf(skipped, "reading")} of epochs ${why}.`);
  }
  if (options.json) {
    await terminal.print(formatJson({ streamId, readings: printer.count, skipped }));
  }
}

/** Whether the reader is the owner and keeps the keys, and so needs no grant. */
async function isKeptByOwner(
  { client, connection }: Online,
  stream: StreamInfo,
  options: SealedReadOptions,
  findReader: () => Promise<Hex>,
): Promise<boolean> {
  if (options.buyer !== undefined || options.encryptionKey !== undefined) return false;
  if (findKept(connection.dataFolder, stream, stream.epoch) === undefined) return false;
  const isNamed = options.devAccount !== undefined || options.keystore !== undefined;
  if (!isNamed) return true;
  const { owner } = await getDevice(client, { deviceId: stream.deviceId });
  return owner === (await findReader());
}

function findKept(
  dataFolder: string,
  stream: StreamInfo,
  epoch: number,
): readonly Uint8Array[] | undefined {
  try {
    return requireEpochKeys(dataFolder, stream, epoch).keys;
  } catch (error) {
    if (error instanceof EpochKeysMissing && stream.isSealed) return undefined;
    throw error;
  }
}

function openAsOwner(
  { client, connection }: Online,
  streamId: number,
  { fromSequence }: SealedReadOptions,
  onSkipped: (batch: { readonly readingCount: number }) => void,
): SealedReading {
  const findKeys = (stream: StreamInfo, epoch: number) =>
    findKept(connection.dataFolder, stream, epoch);
  const batches = readOwnStream(client, { streamId, fromSequence, findKeys, onSkipped });
  return { batches, groups: -1 };
}

async function openAsBuyer(
  { client, connection }: Online,
  streamId: number,
  options: SealedReadOptions,
  {
    io,
    account,
    onSkipped,
  }: {
    readonly io: Io;
    readonly account: Hex;
    readonly onSkipped: (batch: { readonly readingCount: number }) => void;
  },
): Promise<SealedReading> {
  const path = pathOfEncryptionKey(options.encryptionKey, connection.dataFolder, io);
  const { secret } = readEncryptionKey(client.crypto, path);
  let groups = 0;
  for await (const grant of listGrants(client, { buyer: account })) {
    if (grant.streamId === streamId) groups |= grant.groups;
  }
  if (groups === 0) {
    const { encryptionKey } = await getAccount(client, { account });
    throw new StreamNotGranted(streamId, account, encryptionKey !== undefined);
  }
  const { fromSequence } = options;
  const buyer = { account, secret };
  const batches = readSealedStream(client, { streamId, fromSequence, buyer, onSkipped });
  return { batches, groups };
}
