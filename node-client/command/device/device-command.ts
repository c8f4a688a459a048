import { type Command, Option } from "commander";
import { type DeviceKeyType, encodeDid } from "../../../spec/device-key.ts";
import type { Hex } from "../../../spec/outputs.ts";
import {
  registerDevice,
  revokeDevice,
  rotateDeviceKey,
} from "../../client/actions/device-actions.ts";
import { listDevices, listStreams } from "../../client/actions/stream-queries.ts";
import { escapeText } from "../../escape-text.ts";
import { resolveDataFolder } from "../connection/machine-key.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  findAccountAddress,
  type OnlineActor,
  type ReaderOptions,
} from "../connection/online.ts";
import {
  act,
  addOperationOptions,
  type CommandActor,
  connectToAct,
  type OperationOptions,
} from "../operation/act.ts";
import { quoteWord } from "../options/command-name.ts";
import { parseAddressHex, parseName } from "../options/parse-arguments.ts";
import { formatJson } from "../terminal/format-json.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import { nameOfFile, readText } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  createDeviceKey,
  DeviceFileError,
  KEY_TYPES,
  keepDeviceKey,
  listDeviceKeys,
  listDeviceNames,
} from "./device-files.ts";
import { parseDeviceKey } from "./device-key-file.ts";
import { findDevice, findNamedDevice } from "./find-device.ts";

const HELP = `
A device has a key of its own and belongs to an account. You name it; its secret is kept in the data
folder, as devices/NAME.json, before anything is sent. A rotated key is kept beside it, and no file
is ever replaced: back the folder up.

A key that the device has already is taken from a file with --key: devices/NAME.json of another data
folder, a PEM private key without a password (PKCS#8; Ed25519, P-256 or secp256k1), or its 32 secret
bytes in hex, which need --key-type. Convert DER by \`openssl pkey -inform DER\`.

Examples:
  $ tallyroll device register roof --dev-account 0
  $ tallyroll device register gate --key gate.pem --dev-account 0
  $ tallyroll device list --dev-account 0
  $ tallyroll device show roof
  $ tallyroll device rotate roof --dev-account 0 --key-type p256
  $ tallyroll device revoke roof --keystore owner.json`;

type RegisterOptions = OperationOptions & {
  readonly keyType?: DeviceKeyType;
  readonly key?: string;
};
type ListOptions = ActorOptions & { readonly owner?: Hex };

const keyTypeOption = (): Option =>
  new Option("--key-type <type>", "of the device's signing key")
    .choices(KEY_TYPES)
    .default("ed25519");

/** `tallyroll device`: registers and looks after devices. */
export function addDeviceCommand(program: Command, terminal: Terminal): void {
  const device = program
    .command("device")
    .description("register devices, rotate and revoke their keys, list them")
    .addHelpText("after", HELP);
  type KeyOptions = OperationOptions & { readonly keyType: DeviceKeyType };

  addOperationOptions(device.command("register").argument("<name>", "yours for it", parseName))
    .description("make a device's key, or take an existing one; keep it, and register the device")
    .option("--key <file>", "an existing key, instead of a new one; - is stdin")
    .addOption(keyTypeOption().default(undefined, "ed25519, or that of the --key file"))
    .action((name: string, options: RegisterOptions) => register(name, options, terminal));
  addOperationOptions(device.command("rotate").argument("<name>", "the device's", parseName))
    .description("give a device a new key; its streams and batches stay")
    .addOption(keyTypeOption())
    .action(async (name: string, options: KeyOptions) => {
      await rotateKey(await connectToAct(options, terminal), name, options.keyType);
    });
  addOperationOptions(device.command("revoke").argument("<device>", "name, number or did:key"))
    .description("end a device for good: it takes no more batches")
    .action(async (word: string, options: OperationOptions) => {
      const online = await connectToAct(options, terminal);
      const { deviceId } = (await findNamedDevice(online, word)).device;
      await act(online, revokeDevice, {
        fields: { deviceId },
        describe: (_, { inputIndex }) => `Device ${deviceId} is revoked (input ${inputIndex}).`,
      });
    });
  addReaderOptions(device.command("show").argument("<device>", "name, number or did:key"))
    .description("show a device and its streams")
    .action((word: string, options: ReaderOptions) => showDevice(word, options, terminal));
  addActorOptions(device.command("list"))
    .description("list an account's devices, and the keys in the data folder")
    .option("--owner <address>", "whose, instead of the signing account's", parseAddressHex)
    .action((options: ListOptions) => listOwned(options, terminal));
}

async function register(name: string, options: RegisterOptions, terminal: Terminal): Promise<void> {
  const { dataFolder, key: file, keyType } = options;
  const given =
    file === undefined
      ? undefined
      : parseDeviceKey(await readText(file, terminal.io), escapeText(nameOfFile(file)), keyType);
  const folder = resolveDataFolder(dataFolder, terminal.io);
  // Any of its keys: the newest may be one that an earlier, refused rotation has made.
  const keys = listDeviceKeys(folder, name);
  const kept = given === undefined ? keys[0] : keys.find(({ did }) => did === encodeDid(given.key));
  const online = await connectToAct(options, terminal);
  const known = await findDevice(online.client, keys);
  if (known !== undefined) {
    throw new DeviceFileError(`${JSON.stringify(name)} is device ${known.deviceId} already.`, {
      whatToDo: `Choose another name, or give it a new key with \`tallyroll device rotate ${quoteWord(name)}\`.`,
    });
  }
  if (given !== undefined) await requireUnused(online, encodeDid(given.key));
  // A key that was kept and never registered is used: an earlier try may have failed after it.
  const { signer, path } =
    kept ??
    (given === undefined
      ? createDeviceKey(folder, name, keyType ?? "ed25519")
      : keepDeviceKey(folder, name, given));
  terminal.note(`The device's secret is in ${path}.`);
  await act(online, registerDevice, {
    fields: { device: signer },
    describe: ({ deviceId, did }) => `Device ${deviceId} is registered: ${did}`,
  });
}

/** No key ever comes back, on any device (spec §3.1): said before anything is kept or sent. */
async function requireUnused({ client }: OnlineActor, did: string): Promise<void> {
  const device = await findDevice(client, [{ did }]);
  if (device === undefined) return;
  const { deviceId, owner, isRevoked } = device;
  const [why, whatToDo] = isRevoked
    ? ["which is revoked: a key of it never comes back", "Register another key."]
    : device.did === did
      ? [`which is registered already, to ${owner}`, "Use that device, or register another key."]
      : ["which has had another one since: no key comes back", "Register another key."];
  throw new DeviceFileError(`The key ${did} is device ${deviceId}'s, ${why}.`, { whatToDo });
}

async function rotateKey(
  online: CommandActor,
  name: string,
  keyType: DeviceKeyType,
): Promise<void> {
  const { client, connection, terminal } = online;
  const { device } = await findNamedDevice(online, name);
  if (device.owner !== online.address) {
    throw new DeviceFileError(`Device ${device.deviceId} belongs to ${device.owner}.`, {
      whatToDo: "Sign with its owner's account: nobody else gives it a new key.",
    });
  }
  const newest = listDeviceKeys(connection.dataFolder, name)[0];
  // A key that an earlier try has made, and the application does not know, is as fresh as any.
  const isFresh =
    newest !== undefined &&
    newest.did !== device.did &&
    (await findDevice(client, [newest])) === undefined;
  const key = isFresh ? newest : createDeviceKey(connection.dataFolder, name, keyType);
  terminal.note(`The device's new secret is in ${key.path}.`);
  await act(online, rotateDeviceKey, {
    fields: { deviceId: device.deviceId, device: key.signer },
    describe: ({ deviceId, did }) => `Device ${deviceId} has a new key: ${did}`,
  });
}

async function showDevice(word: string, options: ReaderOptions, terminal: Terminal): Promise<void> {
  const online = await connect(options, terminal);
  const { device, key } = await findNamedDevice(online, word);
  const streams = [];
  for await (const stream of listStreams(online.client, device)) streams.push(stream);
  const secret = key === undefined ? null : key.path;
  if (options.json) return terminal.print(formatJson({ ...device, secret, streams }));
  await terminal.print(
    formatFields(
      [
        ["device", `${device.deviceId}${device.isRevoked ? ", revoked" : ""}`],
        ["owner", device.owner],
        ["did", `${device.did} (key ${device.keyCount})`],
        ["secret", secret ?? "not in this data folder"],
      ],
      terminal.columns,
    ),
  );
  const rows = streams.map(({ streamId, name, isSealed, readingCount, batchCount }) => [
    ...[String(streamId), name, isSealed ? "sealed" : "open"],
    ...[String(readingCount), String(batchCount)],
  ]);
  await terminal.print(
    formatTable(["stream", "name", "kind", "readings", "batches"], rows, terminal.columns),
  );
}

async function listOwned(options: ListOptions, terminal: Terminal): Promise<void> {
  const { client, connection } = await connect(options, terminal);
  const owner = await findAccountAddress(options.owner, options, terminal);
  const nameByDid = new Map<string, string>();
  for (const name of listDeviceNames(connection.dataFolder)) {
    for (const { did } of listDeviceKeys(connection.dataFolder, name)) nameByDid.set(did, name);
  }
  const devices = [];
  for await (const device of listDevices(client, { owner })) {
    devices.push({ ...device, name: nameByDid.get(device.did) ?? null });
  }
  if (options.json) return terminal.print(formatJson({ owner, devices }));
  const rows = devices.map(({ deviceId, name, did, isRevoked }) => [
    ...[String(deviceId), name ?? "", isRevoked ? "revoked" : "", did],
  ]);
  await terminal.print(formatTable(["id", "name", "", "did"], rows, terminal.columns));
}
