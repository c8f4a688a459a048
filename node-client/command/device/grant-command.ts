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
import type { OnlineActor } from "../connection/online.ts";
import { answer, answerTable } from "../money/money-json.ts";
import { act } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/command-advice.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { parseAddressHex, parseIndex, parseWhole, splitList } from "../options/parse-arguments.ts";
import { collect } from "../terminal/io.ts";
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

export function addGrantCommand(program: Command, terminal: Terminal): void {
  const about = "let buyers read sealed streams";
  const group = new CommandGroup(program, terminal).group("grant", about, HELP);
  addPublishCommand(group);
  addGiveCommand(group);
  addRevokeCommand(group);
  addListCommand(group);
}

function addPublishCommand(group: CommandGroup): void {
  group
    .operation("key", "publish your encryption key, so that owners can grant to you")
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .run(async (online) => {
      const { client, connection, options, terminal, address: account } = online;
      const path = pathOfEncryptionKey(options.encryptionKey, connection.dataFolder, terminal.io);
      const { publicKey: key } = readEncryptionKey(client.crypto, path);
      const { encryptionKey } = await getAccount(client, { account });
      if (!online.isForRelay && encryptionKey === bytesToHex(key)) {
        const words = `The encryption key of ${account} is ${encryptionKey} already; nothing was sent.\n`;
        await answer(online, { account, key: encryptionKey, sent: false }, words);
        return;
      }
      await act(online, registerEncryptionKey, {
        fields: { key },
        describe: ({ account, key }) => `The encryption key of ${account} is ${key}.`,
      });
    });
}

function addGiveCommand(group: CommandGroup): void {
  group
    .operation("give", "grant a buyer the keys of a sealed stream")
    .argument("<stream>", "its number", parseIndex)
    .argument("<buyer>", "their account", parseAddressHex)
    .option("--days <n>", "for how long", parseWhole(1, 36_500), 30)
    .option("--groups <a,b,…>", "key groups (default: all)", parseGroups)
    .option("--epoch <n>", "of the stream (default: its current one)", parseIndex)
    .run(async (online, streamId, buyer) => {
      const { client, connection, options } = online;
      const epochOf = options.epoch === undefined ? {} : { epoch: options.epoch };
      const stream = await getStream(client, { streamId, ...epochOf });
      const epoch = options.epoch ?? stream.epoch;
      const { timestamp } = await client.publicClient.getBlock();
      const nowSec = Number(timestamp);
      if (!online.isForRelay) await requireGrantable(online, stream, epoch, buyer, nowSec);
      const { keys } = requireEpochKeys(connection.dataFolder, stream, epoch);
      const groups = requireGroups(options.groups, stream);
      const { encryptionKey: buyerKey } = await getAccount(client, { account: buyer });
      if (buyerKey === undefined) throw new BuyerWithoutKey(buyer);
      const expiresAtSec = nowSec + options.days * DAY_SEC;
      const epochKeys = new Map(groups.map((group) => [group, keys[group]!]));
      const given = { epochKeys, buyerKey, ephemeralSecret: systemRandom(32) };
      await act(online, grant, {
        fields: { streamId, epoch, buyer, expiresAtSec, ...given },
        describe: ({ grantId, groups }) =>
          `Grant ${grantId}: ${buyer} reads the key groups (${groups.join(", ")}) of ` +
          `stream ${streamId}, epoch ${epoch}, until ${formatTime(expiresAtSec)}.`,
      });
    });
}

function addRevokeCommand(group: CommandGroup): void {
  group
    .operation("revoke", "end a grant; what the buyer could read stays readable")
    .argument("<stream>", "its number", parseIndex)
    .argument("<buyer>", "their account", parseAddressHex)
    .option("--epoch <n>", "of the stream (default: its current one)", parseIndex)
    .run(async (online, streamId, buyer) => {
      const given = online.options.epoch;
      const epoch = given ?? (await getStream(online.client, { streamId })).epoch;
      await act(online, revokeGrant, {
        fields: { streamId, epoch, buyer },
        describe: ({ grantId }) =>
          `Grant ${grantId} is revoked. Begin a new epoch so that it opens nothing new: ` +
          `\`tallyroll stream rotate ${streamId}\`.`,
      });
    });
}

function addListCommand(group: CommandGroup): void {
  group.accountReader("list", "list what a buyer was granted", "[buyer]").run(async (online) => {
    const { client, account: buyer } = online;
    const listed = await collect(listGrants(client, { buyer }));
    const grants = listed.map(({ wrappedKeys, keyHashes, ...one }) => {
      return { ...one, groups: listGroups(one.groups) };
    });
    const names = ["grant", "stream", "epoch", "groups", "until"];
    await answerTable(online, { buyer, grants }, names, grants, (one) => {
      const until = one.isRevoked ? "revoked" : formatTime(one.expiresAtSec);
      return [one.grantId, one.streamId, one.epoch, one.groups.join(","), until];
    });
  });
}

/** @throws WouldBeRefused where the stream is another account's, or the buyer has a grant. */
async function requireGrantable(
  { client, address }: OnlineActor,
  { streamId, deviceId }: StreamInfo,
  epoch: number,
  buyer: Hex,
  nowSec: number,
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
