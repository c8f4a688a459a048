import type { Command } from "commander";
import { bytesToHex, getAddress } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import { encodeKeystore } from "../connection/keystore.ts";
import { resolveDataFolder } from "../connection/machine-key.ts";
import { addActorOptions, findAccountAddress } from "../connection/online.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { addDataFolderOption, addJsonOption } from "../options/parse-arguments.ts";
import { readPassword } from "../terminal/ask-person.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { createEncryptionKey, pathOfEncryptionKey } from "./encryption-key-file.ts";

const HELP = `
An account is an Ethereum key: it owns devices, buys, pays. Its key is never an argument. A keystore
file (Web3 Secret Storage, version 3) is sealed under a password, which is asked for on a terminal,
else taken from TALLYROLL_KEYSTORE_PASSWORD or the file TALLYROLL_KEYSTORE_PASSWORD_FILE.

An encryption key is a buyer's: owners of sealed streams wrap their keys to its public half, once it
is published with \`tallyroll grant key\`.

Examples:
  $ tallyroll key new --keystore owner.json
  $ tallyroll key address --keystore owner.json
  $ tallyroll key address --dev-account 1
  $ tallyroll key encryption`;

export function addKeyCommand(program: Command, terminal: Terminal): void {
  const about = "make and show the keys of accounts and buyers";
  const key = new CommandGroup(program, terminal).group("key", about, HELP);
  key
    .local("new", "make an account and keep its key in a new keystore file")
    .with(addJsonOption)
    .requiredOption("--keystore <file>", "the file to make; never replaced")
    .run(async ({ options: { keystore, json } }) => {
      requireNoFile(keystore, terminal.io);
      const password = await readPassword({ path: keystore, isNew: true }, terminal);
      const privateKey = generatePrivateKey();
      const bytes = Buffer.from(privateKey.slice(2), "hex");
      const path = createFile(keystore, `${await encodeKeystore(bytes, password)}\n`, terminal.io);
      const address = privateKeyToAddress(privateKey);
      await terminal.print(json ? formatJson({ address, keystore: path }) : `${address}\n`);
      terminal.note(
        `Its key is in ${path}. Back up the file and the password: nobody can renew them.`,
      );
    });
  key
    .local("address", "show an account's address")
    .with(addActorOptions)
    .run(async ({ options }) => {
      const address = getAddress(await findAccountAddress(undefined, options, terminal));
      await terminal.print(options.json ? formatJson({ address }) : `${address}\n`);
    });
  key
    .local("encryption", "make a buyer's encryption key (X25519) and keep it in a new file")
    .with(addJsonOption)
    .option("--out <file>", "where to (default: encryption-key.json in the data folder)")
    .with(addDataFolderOption)
    .run(async ({ options: { out, dataFolder, json } }) => {
      const folder = resolveDataFolder(dataFolder, terminal.io);
      const place = pathOfEncryptionKey(out, folder, terminal.io);
      const { path, publicKey } = createEncryptionKey(await createNodeCrypto(), place);
      const hex = bytesToHex(publicKey);
      await terminal.print(json ? formatJson({ publicKey: hex, file: path }) : `${hex}\n`);
      terminal.note(`The secret is in ${path}: whoever has it reads what you are granted.`);
    });
}
