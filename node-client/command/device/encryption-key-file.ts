import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesToHex } from "viem";
import type { Crypto } from "../../../spec/crypto.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { describeFault } from "../../kept/file-error.ts";
import { createKeptFile } from "../../kept/kept-file.ts";
import { parseObject } from "../terminal/format-json.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

const FORMAT = "tallyroll encryption key 1";
const FILE_DEFAULT = "encryption-key.json";

export const EncryptionKeyError = errorKind("EncryptionKeyError");

/** `file` from the working directory, else the data folder's own. */
export const pathOfEncryptionKey = (
  file: string | undefined,
  dataFolder: string,
  io: Io,
): string => (file === undefined ? join(dataFolder, FILE_DEFAULT) : resolve(io.cwd, file));

/** Whether the data folder has a file of its own, of which nothing is read. */
export const hasEncryptionKey = (dataFolder: string): boolean =>
  existsSync(join(dataFolder, FILE_DEFAULT));

/**
 * A buyer's X25519 key pair: owners wrap the keys of sealed streams to the public one.
 *
 * @throws EncryptionKeyError when there is such a file, or it cannot be written.
 */
export function createEncryptionKey(crypto: Crypto, path: string) {
  const secret = systemRandom(32);
  const publicKey = crypto.x25519PublicKey(secret);
  const fields = { format: FORMAT, public_key: bytesToHex(publicKey), secret: bytesToHex(secret) };
  let isMade: boolean;
  try {
    isMade = createKeptFile(path, `${JSON.stringify(fields, null, 2)}\n`);
  } catch (cause) {
    throw new EncryptionKeyError(`Cannot write ${path}: ${describeFault(cause)}.`, {
      whatToDo: "Name a place that you may write to, with room left, with --out FILE.",
      cause,
    });
  }
  if (isMade) return { path, secret, publicKey };
  throw new EncryptionKeyError(`There is a file at ${path} already, and it is not replaced.`, {
    whatToDo: "Use the key in it, or name another place with --out FILE.",
  });
}

/** @throws EncryptionKeyError when there is none, or it is damaged. */
export function readEncryptionKey(crypto: Crypto, path: string) {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new EncryptionKeyError(`There is no encryption key at ${path} (${codeOf(cause)}).`, {
      whatToDo: "Make one with `tallyroll key encryption`, or name its file with --encryption-key.",
      cause,
    });
  }
  const { format, secret: digits, public_key: said } = parseObject(text) ?? {};
  if (format === FORMAT && typeof digits === "string" && /^0x[0-9a-f]{64}$/.test(digits)) {
    const secret = hexToBytes(digits.slice(2));
    const publicKey = crypto.x25519PublicKey(secret);
    // The file says which public key it has: a changed digit shows.
    if (bytesToHex(publicKey) === said) return { path, secret, publicKey };
  }
  throw new EncryptionKeyError(`${path} holds no encryption key.`, {
    whatToDo:
      "Name a file that `tallyroll key encryption` has made, or put your backup of it back.",
  });
}
