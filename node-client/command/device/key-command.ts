import type { Command } from "commander";
import { bytesToHex, getAddress } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import { addAccountOptions } from "../connection/account-options.ts";
import { addConnectionOptions } from "../connection/connection-options.ts";
import { encodeKeystore } from "../connection/keystore.ts";
import { resolveDataFolder } from "../connection/machine-key.ts";
import type { ActorOptions } from "../connection/online.ts";
import { findAccountAddress } from "../connection/online.ts";
import { dataFolderOption, jsonOption } from "../options/parse-arguments.ts";
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

/** `tallyroll key`: the keys of accounts and buyers. */
export function addKeyCommand(program: Command, terminal: Terminal): void {
  const key = program
    .command("key")
    .description("make and show the keys of accounts and buyers")
    .addHelpText("after", HELP);

  key
    .command("new")
    .description("make an account and keep its key in a new keystore file")
    .requiredOption("--keystore <file>", "the file to make; never replaced")
    .addOption(jsonOption())
    .action(async ({ keystore, json }: { keystore: string; json: boolean }) => {
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

  addConnectionOptions(addAccountOptions(key.command("address")))
    .description("show an account's address")
    .addOption(jsonOption())
    .action(async (options: ActorOptions) => {
      const address = getAddress(await findAccountAddress(undefined, options, terminal));
      await terminal.print(options.json ? formatJson({ address }) : `${address}\n`);
    });

  key
    .command("encryption")
    .description("make a buyer's encryption key (X25519) and keep it in a new file")
    .option("--out <file>", "where to (default: encryption-key.json in the data folder)")
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .action(
      async ({ out, dataFolder, json }: { out?: string; dataFolder?: string; json: boolean }) => {
        const place = pathOfEncryptionKey(
          out,
          resolveDataFolder(dataFolder, terminal.io),
          terminal.io,
        );
        const { path, publicKey } = createEncryptionKey(await createNodeCrypto(), place);
        const hex = bytesToHex(publicKey);
        await terminal.print(json ? formatJson({ publicKey: hex, file: path }) : `${hex}\n`);
        terminal.note(`The secret is in ${path}: whoever has it reads what you are granted.`);
      },
    );
}
