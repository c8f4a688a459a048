import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { bytesToHex } from "viem";
import { nobleCrypto } from "../../../spec/crypto-noble.ts";
import { type DeviceKeyType, encodeDid } from "../../../spec/device-key.ts";
import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import { equalBytes } from "../../../spec/words.ts";
import {
  createDeviceSigner,
  type DeviceSigner,
  restoreDeviceSigner,
  systemRandom,
} from "../../client/device/device-signer.ts";
import type { ClientError } from "../../errors.ts";
import { signWithOpenSsl } from "../../history/openssl-signer.ts";
import { describeFault } from "../../kept/file-error.ts";
import { createKeptFile } from "../../kept/kept-file.ts";
import { parseObject } from "../terminal/format-json.ts";
import { errorKind } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

const DEVICES = "devices";
/** Of the file of one key. */
export const KEY_FORMAT = "tallyroll device key 1";
const EPOCH_FORMAT = "tallyroll epoch keys 1";
/** Leaves room for the endings below the 255 bytes of a file's name. */
const SLUG_CHARACTERS_MAX = 120;
export const KEY_TYPES: readonly DeviceKeyType[] = ["ed25519", "p256", "secp256k1"];

export const DeviceFileError = errorKind("DeviceFileError");

/** One key of a device, as this data folder keeps it. */
export interface KeptDeviceKey {
  readonly name: string;
  readonly did: string;
  readonly signer: DeviceSigner;
  /** 0 for the first, then one more with each rotation. */
  readonly number: number;
  readonly path: string;
}

/**
 * Makes and keeps a device's next key, before anybody else hears of it. Files of secrets are only
 * ever added, so that no key is lost to a second command, a crash, or an operation that failed.
 */
export function createDeviceKey(
  dataFolder: string,
  name: string,
  type: DeviceKeyType,
): KeptDeviceKey {
  return keepDeviceKey(dataFolder, name, signWithOpenSsl(createDeviceSigner(type, systemRandom)));
}

/** @throws DeviceFileError when it cannot be written. */
export function keepDeviceKey(
  dataFolder: string,
  name: string,
  signer: DeviceSigner,
): KeptDeviceKey {
  const did = encodeDid(signer.key);
  const fields = { name, key_type: signer.type, did, secret: bytesToHex(signer.secret) };
  for (let number = listDeviceKeys(dataFolder, name).length; ; number++) {
    const path = pathOfKey(dataFolder, name, number);
    if (keep(path, { format: KEY_FORMAT, ...fields })) return { name, did, signer, number, path };
  }
}

/** A device's keys, the newest first; none where this data folder has no such device. */
export function listDeviceKeys(dataFolder: string, name: string): KeptDeviceKey[] {
  const keys: KeptDeviceKey[] = [];
  for (let number = 0; ; number++) {
    const path = pathOfKey(dataFolder, name, number);
    const fields = read(path);
    if (fields === undefined) return keys.reverse();
    const { key_type: type, secret, did } = fields;
    if (fields.format !== KEY_FORMAT || fields.name !== name || !isKeyType(type)) {
      throw damaged(path);
    }
    const signer = restore(path, type, secret);
    if (encodeDid(signer.key) !== did) throw damaged(path);
    keys.push({ name, did, signer, number, path });
  }
}

/** @throws DeviceFileError when a file is damaged. */
export function listDeviceNames(dataFolder: string): string[] {
  const folder = join(dataFolder, DEVICES);
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return [];
    throw unreadable(folder, cause);
  }
  return files
    .filter((file) => /^[^.]+\.json$/.test(file))
    .map((file) => readName(join(folder, file)))
    .sort();
}

function readName(path: string): string {
  const name = read(path)?.name;
  if (typeof name === "string") return name;
  throw damaged(path);
}

/**
 * Keeps the keys of a sealed stream's epoch under the hashes that the epoch publishes. Keys that are
 * kept already stay as they are.
 *
 * @param keyHashes One a key group: what finds the keys again.
 */
export function keepEpochKeys(
  dataFolder: string,
  deviceName: string,
  epochKeys: readonly Uint8Array[],
  keyHashes: readonly Uint8Array[],
): void {
  const keys = epochKeys.map((hash) => bytesToHex(hash));
  const fields = {
    format: EPOCH_FORMAT,
    device: deviceName,
    key_hashes: keyHashes.map((hash) => bytesToHex(hash)),
    keys,
  };
  keep(pathOfEpochKeys(dataFolder, deviceName, keyHashes), fields);
}

/**
 * The keys of an epoch, by key group; `undefined` where this data folder does not have them.
 *
 * @param keyHashes What the epoch has published.
 */
export function findEpochKeys(
  dataFolder: string,
  deviceName: string,
  keyHashes: readonly Uint8Array[],
): Uint8Array[] | undefined {
  const path = pathOfEpochKeys(dataFolder, deviceName, keyHashes);
  const fields = read(path);
  if (fields === undefined) return undefined;
  const { format, keys } = fields;
  const isWhole =
    format === EPOCH_FORMAT &&
    Array.isArray(keys) &&
    keys.length === keyHashes.length &&
    keys.every((key) => typeof key === "string" && /^0x[0-9a-f]{64}$/.test(key));
  if (!isWhole) throw damaged(path);
  const bytes = keys.map((key: string) => hexToBytes(key.slice(2)));
  // Readings sealed under another key than the published one would be a fraud.
  const isRight = bytes.every((key, group) =>
    equalBytes(computeEpochKeyHash(nobleCrypto, key), keyHashes[group]!),
  );
  if (!isRight) throw damaged(path);
  return bytes;
}

const isKeyType = (type: unknown): type is DeviceKeyType =>
  KEY_TYPES.some((known) => known === type);

const pathOfKey = (dataFolder: string, name: string, number: number): string =>
  join(dataFolder, DEVICES, `${slugOf(name)}${number === 0 ? "" : `.key-${number}`}.json`);

function pathOfEpochKeys(
  dataFolder: string,
  deviceName: string,
  keyHashes: readonly Uint8Array[],
): string {
  const digest = createHash("sha256")
    .update(concatBytes(...keyHashes))
    .digest("hex");
  return join(dataFolder, DEVICES, `${slugOf(deviceName)}.epoch-${digest.slice(0, 24)}.json`);
}

/** A device is named by any text of a CSV file: what no file name can hold is written as %2F. */
function slugOf(name: string): string {
  const slug = encodeURIComponent(name).replace(
    /[.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (slug.length <= SLUG_CHARACTERS_MAX) return slug;
  return `${slug.slice(0, 80)}-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}

function keep(path: string, fields: object): boolean {
  try {
    return createKeptFile(path, `${JSON.stringify(fields, null, 2)}\n`);
  } catch (cause) {
    throw new DeviceFileError(`The secret cannot be kept at ${path}: ${describeFault(cause)}.`, {
      whatToDo: "Nothing was sent. Name a folder of yours with --data-folder, with room left.",
      cause,
    });
  }
}

function read(path: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return undefined;
    throw unreadable(path, cause);
  }
  const fields = parseObject(text);
  if (fields === undefined) throw damaged(path);
  return fields;
}

function restore(path: string, type: DeviceKeyType, secret: unknown): DeviceSigner {
  if (typeof secret !== "string") throw damaged(path);
  try {
    return signWithOpenSsl(restoreDeviceSigner(type, hexToBytes(secret.replace(/^0x/, ""))));
  } catch {
    throw damaged(path);
  }
}

const damaged = (path: string): ClientError =>
  new DeviceFileError(`${path} is damaged, or another device's.`, {
    whatToDo: "Put your backup of it back, or move it away.",
  });

const unreadable = (path: string, cause: unknown): ClientError =>
  new DeviceFileError(`Cannot read ${path} (${codeOf(cause)}).`, {
    whatToDo: "Make it readable to you alone.",
    cause,
  });
