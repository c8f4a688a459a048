import type { Command } from "commander";
import { encodeDid } from "../../../spec/device-key.ts";
import {
  registerDevice,
  revokeDevice,
  rotateDeviceKey,
} from "../../client/actions/device-actions.ts";
import { listDevices, listStreams } from "../../client/actions/stream-queries.ts";
import { escapeText } from "../../escape-text.ts";
import { resolveDataFolder } from "../connection/machine-key.ts";
import {
  addActorOptions,
  connect,
  findAccountAddress,
  type OnlineActor,
} from "../connection/online.ts";
import { answer, answerTable } from "../money/money-json.ts";
import { act, addOperationOptions, connectToAct } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { quoteWord } from "../options/command-hints.ts";
import { parseAddressHex, parseName } from "../options/parse-arguments.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";
import { collect } from "../terminal/io.ts";
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

export function addDeviceCommand(program: Command, terminal: Terminal): void {
  const about = "register devices, rotate and revoke their keys, list them";
  const device = new CommandGroup(program, terminal).group("device", about, HELP);
  addRegisterCommand(device);
  addKeyCommands(device);
  addReadCommands(device);
}

const KEY_TYPE = "of the device's signing key";

function addRegisterCommand(device: CommandGroup): void {
  const about = "make a device's key, or take an existing one; keep it, and register the device";
  device
    .local("register", about)
    .with(addOperationOptions)
    .argument("<name>", "yours for it", parseName)
    .option("--key <file>", "an existing key, instead of a new one; - is stdin")
    // Unless given it is ed25519, or that of the --key file.
    .choice("--key-type <type>", KEY_TYPE, KEY_TYPES)
    .run(async ({ options, terminal }, name) => {
      const { key: file, keyType } = options;
      const given =
        file === undefined
          ? undefined
          : parseDeviceKey(
              await readText(file, terminal.io),
              escapeText(nameOfFile(file)),
              keyType,
            );
      const folder = resolveDataFolder(options.dataFolder, terminal.io);
      // Any of its keys: the newest may be one that an earlier, refused rotation has made.
      const keys = listDeviceKeys(folder, name);
      const kept = given ? keys.find(({ did }) => did === encodeDid(given.key)) : keys[0];
      const online = await connectToAct(options, terminal);
      const known = await findDevice(online.client, keys);
      if (known !== undefined) {
        throw new DeviceFileError(`${JSON.stringify(name)} is device ${known.deviceId} already.`, {
          whatToDo: `Choose another name, or give it a new key with \`tallyroll device rotate ${quoteWord(name)}\`.`,
        });
      }
      if (given) await requireUnused(online, encodeDid(given.key));
      // A key that was kept and never registered is used: an earlier try may have failed after it.
      const { signer, path } =
        kept ??
        (given
          ? keepDeviceKey(folder, name, given)
          : createDeviceKey(folder, name, keyType ?? "ed25519"));
      terminal.note(`The device's secret is in ${path}.`);
      await act(online, registerDevice, {
        fields: { device: signer },
        describe: ({ deviceId, did }) => `Device ${deviceId} is registered: ${did}`,
      });
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

function addKeyCommands(device: CommandGroup): void {
  device
    .operation("rotate", "give a device a new key; its streams and batches stay")
    .argument("<name>", "the device's", parseName)
    .choice("--key-type <type>", KEY_TYPE, KEY_TYPES, "ed25519")
    .run(async (online, name) => {
      const { client, connection, options, terminal } = online;
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
      const key = isFresh ? newest : createDeviceKey(connection.dataFolder, name, options.keyType);
      terminal.note(`The device's new secret is in ${key.path}.`);
      await act(online, rotateDeviceKey, {
        fields: { deviceId: device.deviceId, device: key.signer },
        describe: ({ deviceId, did }) => `Device ${deviceId} has a new key: ${did}`,
      });
    });
  device
    .operation("revoke", "end a device for good: it takes no more batches")
    .argument("<device>", "name, number or did:key")
    .run(async (online, word) => {
      const { deviceId } = (await findNamedDevice(online, word)).device;
      await act(online, revokeDevice, {
        fields: { deviceId },
        describe: (_, { inputIndex }) => `Device ${deviceId} is revoked (input ${inputIndex}).`,
      });
    });
}

function addReadCommands(group: CommandGroup): void {
  group
    .reader("show", "show a device and its streams")
    .argument("<device>", "name, number or did:key")
    .run(async (online, word) => {
      const { device, key } = await findNamedDevice(online, word);
      const streams = await collect(listStreams(online.client, device));
      const secret = key?.path ?? null;
      const fields = [
        ["device", `${device.deviceId}${device.isRevoked ? ", revoked" : ""}`],
        ["owner", device.owner],
        ["did", `${device.did} (key ${device.keyCount})`],
        ["secret", secret ?? "not in this data folder"],
      ];
      const rows = streams.map(({ streamId, name, isSealed, readingCount, batchCount }) => {
        return [streamId, name, isSealed ? "sealed" : "open", readingCount, batchCount];
      });
      await answer(online, { ...device, secret, streams }, (columns) => {
        const names = ["stream", "name", "kind", "readings", "batches"];
        return formatFields(fields, columns) + formatTable(names, rows, columns);
      });
    });
  group
    .local("list", "list an account's devices, and the keys in the data folder")
    .with(addActorOptions)
    .option("--owner <address>", "whose, instead of the signing account's", parseAddressHex)
    .run(async ({ options, terminal }) => {
      const online = await connect(options, terminal);
      const { dataFolder } = online.connection;
      const owner = await findAccountAddress(options.owner, options, terminal);
      const nameByDid = new Map<string, string>();
      for (const name of listDeviceNames(dataFolder)) {
        for (const { did } of listDeviceKeys(dataFolder, name)) nameByDid.set(did, name);
      }
      const owned = await collect(listDevices(online.client, { owner }));
      const devices = owned.map((one) => ({ ...one, name: nameByDid.get(one.did) ?? null }));
      await answerTable(online, { owner, devices }, ["id", "name", "", "did"], devices, (one) => {
        return [one.deviceId, one.name ?? "", one.isRevoked ? "revoked" : "", one.did];
      });
    });
}
