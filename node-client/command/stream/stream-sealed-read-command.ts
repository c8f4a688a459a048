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
import { listReadings } from "../../client/buyer/read-sealed.ts";
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
import type { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex, parseIndex, printsJsonLines } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import { ReadingPrinter } from "./reading-printer.ts";

const HELP = `
Its owner reads a sealed stream with the epoch keys of the data folder; a buyer with an encryption key
and the grants made for it. Every batch is checked against what the device signed. Columns that were
not granted are left out.

Examples:
  $ tallyroll stream read 2 > own.csv
  $ tallyroll stream read 2 --dev-account 1 > bought.csv
  $ tallyroll stream read 2 --dev-account 1 --json | jq '.values // empty'`;

export function addStreamSealedReadCommand(stream: CommandGroup): void {
  const about =
    "decrypt a sealed stream of yours, or one you were granted, check it, print it as CSV";
  stream
    .local("read", about)
    .with(addActorOptions)
    .argument("<stream>", "its number", parseIndex)
    .with(printsJsonLines)
    .option("--buyer <address>", "the grants' account (default: the signing one)", parseAddressHex)
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .option("--from-sequence <n>", "begin with the batch of this reading", parseIndex, 0)
    .help(HELP)
    .run(async ({ options, terminal }, streamId) => {
      const online = await connect(options, terminal);
      const info = await getStream(online.client, { streamId });
      let known: Promise<Hex> | undefined;
      // Looked up once, and only where the keys alone do not decide.
      const findReader = (): Promise<Hex> =>
        (known ??= findAccountAddress(options.buyer, options, terminal));
      const isOwner = await isKeptByOwner(online, info, findReader);
      let skipped = 0;
      const onSkipped: OnSkipped = ({ readingCount }) => {
        skipped += readingCount;
      };
      const { batches, groups } = isOwner
        ? openAsOwner(online, streamId, onSkipped)
        : await openAsBuyer(online, streamId, await findReader(), onSkipped);
      const printer = new ReadingPrinter(terminal, info.metrics, {
        json: options.json,
        isVisible: ({ group }) => ((groups >>> group) & 1) === 1,
      });
      for await (const batch of batches) {
        for (const reading of listReadings(batch, info.metrics)) await printer.print(reading);
        if (terminal.isClosed) break;
      }
      await printer.begin();
      // Nobody who was granted less shall take what an owner sees for what was sold to them.
      if (isOwner) terminal.note("Read as the owner, by the epoch keys of this data folder.");
      if (skipped > 0) {
        const why = isOwner ? "whose keys are not in this data folder" : "that were not granted";
        terminal.note(`Left out: ${countOf(skipped, "reading")} of epochs ${why}.`);
      }
      if (!options.json) return;
      await terminal.print(formatJson({ streamId, readings: printer.count, skipped }));
    });
}

/** Hears of each batch that cannot be read. */
type OnSkipped = (batch: { readonly readingCount: number }) => void;

interface SealedReadOptions extends ActorOptions {
  readonly buyer?: Hex;
  readonly encryptionKey?: string;
  readonly fromSequence: number;
}
type Reader = Online & { readonly options: SealedReadOptions };

/** Whether the reader is the owner and keeps the keys, and so needs no grant. */
async function isKeptByOwner(
  { client, connection, options }: Reader,
  stream: StreamInfo,
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
  { client, connection, options: { fromSequence } }: Reader,
  streamId: number,
  onSkipped: OnSkipped,
) {
  const findKeys = (stream: StreamInfo, epoch: number) =>
    findKept(connection.dataFolder, stream, epoch);
  const batches = readOwnStream(client, { streamId, fromSequence, findKeys, onSkipped });
  // All bits of the mask of key groups.
  return { batches, groups: -1 };
}

async function openAsBuyer(
  { client, connection, options, terminal }: Reader,
  streamId: number,
  account: Hex,
  onSkipped: OnSkipped,
) {
  const { fromSequence, encryptionKey: file } = options;
  const path = pathOfEncryptionKey(file, connection.dataFolder, terminal.io);
  const { secret } = readEncryptionKey(client.crypto, path);
  let groups = 0;
  for await (const grant of listGrants(client, { buyer: account })) {
    if (grant.streamId === streamId) groups |= grant.groups;
  }
  if (groups === 0) {
    const { encryptionKey } = await getAccount(client, { account });
    throw new StreamNotGranted(streamId, account, encryptionKey !== undefined);
  }
  const buyer = { account, secret };
  const batches = readSealedStream(client, { streamId, fromSequence, buyer, onSkipped });
  return { batches, groups };
}
