import { type Command, InvalidArgumentError } from "commander";
import { bytesToHex } from "viem";
import { listGroups } from "../../../spec/grant-keys.ts";
import { KEY_GROUPS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import {
  BuyerWithoutKey,
  grant,
  registerEncryptionKey,
  revokeGrant,
} from "../../client/actions/grant-actions.ts";
import {
  getDevice,
  getStream,
  listGrants,
  type StreamInfo,
} from "../../client/actions/stream-queries.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import {
  type ActorOptions,
  addActorOptions,
  connect,
  findAccountAddress,
  type OnlineActor,
} from "../connection/online.ts";
import { answer } from "../money/money-json.ts";
import {
  act,
  addOperationOptions,
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";
import { parseAddressHex, parseIndex, parseWhole, splitList } from "../options/parse-arguments.ts";
import { formatTable } from "../terminal/format-table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  EncryptionKeyError,
  pathOfEncryptionKey,
  readEncryptionKey,
} from "./encryption-key-file.ts";
import { requireEpochKeys } from "./epoch-keys.ts";

const HELP = `
The owner of a sealed stream grants a buyer the keys of some of its key groups, for one epoch of the
stream. The buyer publishes their encryption key first; the stream's keys are in the owner's data
folder. What was granted stays readable: revoke, then begin a new epoch with \`stream rotate\`.

Examples:
  $ tallyroll key encryption && tallyroll grant key --dev-account 1
  $ tallyroll grant give 2 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --days 30 --dev-account 0
  $ tallyroll grant give 2 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --groups 0,2 --dev-account 0
  $ tallyroll grant list --dev-account 1
  $ tallyroll grant revoke 2 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --dev-account 0`;

const DAY_SEC = 86_400;

interface GiveOptions extends OperationOptions {
  readonly days: number;
  readonly groups?: readonly number[];
  readonly epoch?: number;
}

/** `tallyroll grant`: sells sealed streams. */
export function addGrantCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("grant")
    .description("let buyers read sealed streams")
    .addHelpText("after", HELP);
  for (const add of [addGrantKeyCommand, addGiveCommand, addRevokeCommand, addListCommand])
    add(command, terminal);
}

function addGrantKeyCommand(command: Command, terminal: Terminal): void {
  type KeyOptions = OperationOptions & { readonly encryptionKey?: string };
  addOperationOptions(command.command("key"))
    .description("publish your encryption key, so that owners can grant to you")
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .action(async (options: KeyOptions) => {
      const online = await connectToAct(options, terminal);
      const { client, connection } = online;
      const path = pathOfEncryptionKey(options.encryptionKey, connection.dataFolder, terminal.io);
      const { publicKey: key } = readEncryptionKey(client.crypto, path);
      const account = online.address;
      const { encryptionKey } = await getAccount(client, { account });
      if (!online.isForRelay && encryptionKey === bytesToHex(key)) {
        await answer(
          online,
          { account, key: encryptionKey, sent: false },
          `The encryption key of ${account} is ${encryptionKey} already; nothing was sent.\n`,
        );
        return;
      }
      await act(online, registerEncryptionKey, {
        fields: { key },
        describe: ({ account, key }) => `The encryption key of ${account} is ${key}.`,
      });
    });
}

function addGiveCommand(command: Command, terminal: Terminal): void {
  addOperationOptions(command.command("give"))
    .argument("<stream>", "its number", parseIndex)
    .argument("<buyer>", "their account", parseAddressHex)
    .description("grant a buyer the keys of a sealed stream")
    .option("--days <n>", "for how long", parseWhole(1, 36_500), 30)
    .option("--groups <a,b,…>", "key groups (default: all)", parseGroups)
    .option("--epoch <n>", "of the stream (default: its current one)", parseIndex)
    .action(async (streamId: number, buyer: Hex, options: GiveOptions) => {
      await give(await connectToAct(options, terminal), streamId, buyer, options);
    });
}

function addRevokeCommand(command: Command, terminal: Terminal): void {
  type RevokeOptions = OperationOptions & { readonly epoch?: number };
  addOperationOptions(command.command("revoke"))
    .argument("<stream>", "its number", parseIndex)
    .argument("<buyer>", "their account", parseAddressHex)
    .description("end a grant; what the buyer could read stays readable")
    .option("--epoch <n>", "of the stream (default: its current one)", parseIndex)
    .action(async (streamId: number, buyer: Hex, options: RevokeOptions) => {
      const online = await connectToAct(options, terminal);
      const epoch = options.epoch ?? (await getStream(online.client, { streamId })).epoch;
      await act(online, revokeGrant, {
        fields: { streamId, epoch, buyer },
        describe: ({ grantId }) =>
          `Grant ${grantId} is revoked. Begin a new epoch so that it opens nothing new: ` +
          `\`tallyroll stream rotate ${streamId}\`.`,
      });
    });
}

function addListCommand(command: Command, terminal: Terminal): void {
  addActorOptions(command.command("list"))
    .argument("[buyer]", "whose (default: the account that would sign)", parseAddressHex)
    .description("list what a buyer was granted")
    .action(async (given: Hex | undefined, options: ActorOptions) => {
      const buyer = await findAccountAddress(given, options, terminal);
      const online = await connect(options, terminal);
      const grants = [];
      for await (const { wrappedKeys, keyHashes, ...grant } of listGrants(online.client, {
        buyer,
      })) {
        grants.push({ ...grant, groups: listGroups(grant.groups) });
      }
      const rows = grants.map(({ grantId, streamId, epoch, groups, expiresAtSec, isRevoked }) => [
        ...[String(grantId), String(streamId), String(epoch), groups.join(",")],
        isRevoked ? "revoked" : formatTime(expiresAtSec),
      ]);
      await answer(online, { buyer, grants }, (columns) =>
        formatTable(["grant", "stream", "epoch", "groups", "until"], rows, columns),
      );
    });
}

async function give(
  online: CommandActor,
  streamId: number,
  buyer: Hex,
  options: GiveOptions,
): Promise<void> {
  const { client, connection } = online;
  const epochOf = options.epoch === undefined ? {} : { epoch: options.epoch };
  const stream = await getStream(client, { streamId, ...epochOf });
  const epoch = options.epoch ?? stream.epoch;
  const { timestamp } = await client.publicClient.getBlock();
  if (!online.isForRelay) {
    await requireGrantable(online, stream, { epoch, buyer, nowSec: Number(timestamp) });
  }
  const { keys } = requireEpochKeys(connection.dataFolder, stream, epoch);
  const groups = requireGroups(options.groups, stream);
  const { encryptionKey: buyerKey } = await getAccount(client, { account: buyer });
  if (buyerKey === undefined) throw new BuyerWithoutKey(buyer);
  const expiresAtSec = Number(timestamp) + options.days * DAY_SEC;
  const epochKeys = new Map(groups.map((group) => [group, keys[group]!]));
  const given = { epochKeys, buyerKey, ephemeralSecret: systemRandom(32) };
  await act(online, grant, {
    fields: { streamId, epoch, buyer, expiresAtSec, ...given },
    describe: ({ grantId, groups }) =>
      `Grant ${grantId}: ${buyer} reads the key groups (${groups.join(", ")}) of ` +
      `stream ${streamId}, epoch ${epoch}, until ${formatTime(expiresAtSec)}.`,
  });
}

/** @throws WouldBeRefused where the stream is another account's, or the buyer has a grant. */
async function requireGrantable(
  { client, address }: OnlineActor,
  { streamId, deviceId }: StreamInfo,
  {
    epoch,
    buyer,
    nowSec,
  }: { readonly epoch: number; readonly buyer: Hex; readonly nowSec: number },
): Promise<void> {
  const { owner } = await getDevice(client, { deviceId });
  if (owner !== address) {
    const detail = `device ${deviceId} is of ${owner}, not ${address}`;
    throw new WouldBeRefused("device_sender_not_owner", detail);
  }
  for await (const grant of listGrants(client, { buyer })) {
    const isSame = grant.streamId === streamId && grant.epoch === epoch && !grant.isRevoked;
    if (!isSame || grant.expiresAtSec <= nowSec) continue;
    const detail = `${buyer} has one until ${formatTime(grant.expiresAtSec)}`;
    throw new WouldBeRefused("grant_exists", detail);
  }
}

/** The key groups that are meant: all by default. */
function requireGroups(
  groups: readonly number[] | undefined,
  { streamId, groupCount }: StreamInfo,
): readonly number[] {
  const wrong = groups?.find((group) => group >= groupCount);
  if (wrong === undefined) return groups ?? Array.from({ length: groupCount }, (_, i) => i);
  throw new EncryptionKeyError(`Stream ${streamId} has no key group ${wrong}.`, {
    whatToDo: `Give groups from 0 to ${groupCount - 1}; \`tallyroll stream show ${streamId}\` lists them.`,
  });
}

function parseGroups(text: string): number[] {
  const groups = splitList(text, ",").map((part) => parseWhole(0, KEY_GROUPS_MAX - 1)(part.trim()));
  if (new Set(groups).size === groups.length) return groups;
  throw new InvalidArgumentError("Name each group once.");
}

const formatTime = (timeSec: number): string => {
  const timeMs = timeSec * 1000;
  if (timeMs > 8.64e15) return "ever";
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
};
