import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesToHex } from "viem";
import type { Crypto } from "../../../spec/crypto.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { ClientError } from "../../errors.ts";
import { describeFault } from "../../kept/file-error.ts";
import { createKeptFile } from "../../kept/kept-file.ts";
import type { Io } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

const FORMAT = "tallyroll encryption key 1";
const FILE_DEFAULT = "encryption-key.json";

/** A buyer's X25519 key pair: owners wrap the keys of sealed streams to the public one. */
interface EncryptionKey {
  readonly path: string;
  /** 32 bytes each. */
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A file of an encryption key is missing, damaged, or there already. */
export class EncryptionKeyError extends ClientError {
  override readonly name = "EncryptionKeyError";
}

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
 * Makes a key pair and keeps it in a new file.
 *
 * @throws EncryptionKeyError when there is such a file, or it cannot be written.
 */
export function createEncryptionKey(crypto: Crypto, path: string): EncryptionKey {
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

/**
 * Reads a kept key pair.
 *
 * @throws EncryptionKeyError when there is none, or it is damaged.
 */
export function readEncryptionKey(crypto: Crypto, path: string): EncryptionKey {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new EncryptionKeyError(`There is no encryption key at ${path} (${codeOf(cause)}).`, {
      whatToDo: "Make one with `tallyroll key encryption`, or name its file with --encryption-key.",
      cause,
    });
  }
  const { secret, said } = parseFields(text);
  if (secret !== undefined) {
    const publicKey = crypto.x25519PublicKey(secret);
    if (bytesToHex(publicKey) === said) return { path, secret, publicKey };
  }
  throw new EncryptionKeyError(`${path} holds no encryption key.`, {
    whatToDo:
      "Name a file that `tallyroll key encryption` has made, or put your backup of it back.",
  });
}

/** The secret, and the public key that the file says it has: a changed digit shows. */
function parseFields(text: string): { readonly secret?: Uint8Array; readonly said?: unknown } {
  try {
    const { format, secret, public_key: said } = JSON.parse(text);
    const isWhole = format === FORMAT && /^0x[0-9a-f]{64}$/.test(secret);
    return isWhole ? { secret: hexToBytes(secret.slice(2)), said } : {};
  } catch {
    return {};
  }
}
