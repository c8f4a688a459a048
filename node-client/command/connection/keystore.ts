import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { Wallet } from "@ethereumjs/wallet";
import type { Hex } from "../../../spec/outputs.ts";
import { parseObject } from "../terminal/format-json.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";

/** What geth and others take for files that stay on a disk: about a second a guess. */
const SCRYPT_COST = 262_144;
/** A file that asks for more would take all memory before it could be refused. */
const SCRYPT_COST_MAX = 2 ** 20;
/** Keystores have some 500 bytes; a wrong path may name something huge. */
const KEYSTORE_BYTES_MAX = 65_536;

const KeystoreError = errorKind("KeystoreError");

/**
 * Seals a private key as a Web3 Secret Storage file, version 3, under scrypt.
 *
 * @param privateKey 32 bytes.
 */
export function encodeKeystore(privateKey: Uint8Array, password: string): Promise<string> {
  const wallet = Wallet.fromPrivateKey(privateKey);
  return wallet.toV3String(password, { kdf: "scrypt", n: SCRYPT_COST });
}

/**
 * A keystore file as far as it is known without its password; its address where it says it.
 *
 * @throws KeystoreError when there is no such file, or it is not one.
 */
export function readKeystore(file: string, io: Io) {
  const path = resolve(io.cwd, file);
  let text: string;
  try {
    text = statSync(path).size > KEYSTORE_BYTES_MAX ? "" : readFileSync(path, "utf8");
  } catch (cause) {
    throw new KeystoreError(`The keystore ${path} cannot be read (${codeOf(cause)}).`, {
      whatToDo: "Name a keystore file, or make one with `tallyroll key new --keystore FILE`.",
      cause,
    });
  }
  const fields = parseObject(text);
  const sealed = parseObject(JSON.stringify(fields?.crypto ?? fields?.Crypto ?? null));
  const cost = parseObject(JSON.stringify(sealed?.kdfparams ?? null))?.n ?? 0;
  const isCheap = typeof cost === "number" && cost <= SCRYPT_COST_MAX;
  if (fields?.version !== 3 || sealed === undefined || !isCheap) {
    throw new KeystoreError(`${path} is not a keystore of version 3 (Web3 Secret Storage).`, {
      whatToDo: "Name such a file, or make one with `tallyroll key new --keystore FILE`.",
    });
  }
  const said = typeof fields.address === "string" ? fields.address : "";
  const [, digits] = /^(?:0x)?([0-9a-f]{40})$/i.exec(said) ?? [];
  const address: Hex | undefined = digits ? `0x${digits.toLowerCase()}` : undefined;
  return { path, text, address };
}

/** @throws KeystoreError when the password is not its, or the key not of the address it says. */
export async function openKeystore(
  { path, text, address }: ReturnType<typeof readKeystore>,
  password: string,
): Promise<Hex> {
  let wallet: Wallet;
  try {
    wallet = await Wallet.fromV3(text, password, true);
  } catch (cause) {
    throw new KeystoreError(`The keystore ${path} does not open under this password.`, {
      whatToDo:
        "Check TALLYROLL_KEYSTORE_PASSWORD or TALLYROLL_KEYSTORE_PASSWORD_FILE, or unset both to " +
        "be asked for it on a terminal.",
      cause,
    });
  }
  const own = wallet.getAddressString().toLowerCase();
  if (address === undefined || address === own) return wallet.getPrivateKeyString();
  throw new KeystoreError(`The keystore ${path} says ${address}, and its key is ${own}'s.`, {
    whatToDo: "Put your backup of the file back: it was changed.",
  });
}
