import type { Command } from "commander";
import type { LocalAccount } from "viem/accounts";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { checkClient } from "../../client/actions/chain-status.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import { jsonOption } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  AccountError,
  type AccountOptions,
  addAccountOptions,
  findDevelopmentAccount,
  NoAccount,
  resolveAccount,
} from "./account-options.ts";
import {
  addConnectionOptions,
  type Connection,
  type ConnectionOptions,
  resolveConnection,
} from "./connection-options.ts";
import { readKeystore } from "./keystore.ts";

/** The options of every command that asks an application. */
export interface ReaderOptions extends ConnectionOptions {
  readonly json: boolean;
}

/** The options of every command that acts for an account. */
export interface ActorOptions extends ReaderOptions, AccountOptions {}

/** An application within reach. */
export interface Online {
  readonly options: ReaderOptions;
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly client: TallyrollClient;
}

/** An application within reach, and who acts on it. */
export interface OnlineActor extends Online {
  readonly account: LocalAccount;
  /** The account's address, lower case. */
  readonly address: Hex;
}

/** The chain is not the one that the data folder's local rollup lives on. */
class ChainDiffers extends ClientError {
  override readonly name = "ChainDiffers";
}

/** Adds the connection's options and `--json`. */
export const addReaderOptions = (command: Command): Command =>
  addConnectionOptions(command).addOption(jsonOption());

/** Adds the account's options, the connection's, and `--json`. */
export const addActorOptions = (command: Command): Command =>
  addReaderOptions(addAccountOptions(command));

/**
 * Connects without an account.
 *
 * @throws ClientError when no application is named, nobody answers, or it is the wrong chain.
 */
export async function connect(options: ReaderOptions, terminal: Terminal): Promise<Online> {
  const connection = resolveConnection(options, terminal.io);
  return { options, terminal, connection, client: await openClient(connection, undefined) };
}

/**
 * Connects for an account, and checks that the application and its contracts are there: what is
 * sent to an address without code is lost without a word.
 *
 * @throws ClientError as `connect`, without a key, and where the contracts are missing.
 */
export async function connectActor(
  options: ActorOptions,
  terminal: Terminal,
): Promise<OnlineActor> {
  const connection = resolveConnection(options, terminal.io);
  const account = await resolveAccount(options, connection, terminal);
  const client = await openClient(connection, account);
  await checkClient(client);
  return {
    options,
    terminal,
    connection,
    client,
    account,
    address: account.address.toLowerCase() as Hex,
  };
}

async function openClient(
  { rpcUrl, nodeUrl, inspectUrl, app, local }: Connection,
  account: LocalAccount | undefined,
): Promise<TallyrollClient> {
  const client = await createTallyrollClient({
    ...{ app, nodeUrl, inspectUrl, chain: { rpcUrl } },
    crypto: await createNodeCrypto(),
    ...(account === undefined ? {} : { account }),
  });
  if (local === undefined || local.chainId === client.chainId) return client;
  throw new ChainDiffers(
    `The chain at ${rpcUrl} is ${client.chainId}, but the local rollup's is ${local.chainId}.`,
    { whatToDo: "Start the local rollup with `tallyroll start`, or name another with --app." },
  );
}

/**
 * The account whose things are to be looked at: an address where one is given, else the one that
 * would sign. A keystore says its address without its password.
 *
 * @throws AccountError and KeystoreError as `resolveAccount`.
 */
export async function findAccountAddress(
  given: Hex | undefined,
  options: ActorOptions,
  terminal: Terminal,
): Promise<Hex> {
  if (given !== undefined) return given;
  const { devAccount } = options;
  if (devAccount !== undefined) {
    const { address } = findDevelopmentAccount(devAccount, resolveConnection(options, terminal.io));
    terminal.note(`As development account ${devAccount}, ${address}.`);
    return address.toLowerCase() as Hex;
  }
  const file = options.keystore ?? terminal.io.env.TALLYROLL_KEYSTORE;
  const said = file ? readKeystore(file, terminal.io).address : undefined;
  if (said !== undefined) return said;
  try {
    const { address } = await resolveAccount(options, undefined, terminal);
    return address.toLowerCase() as Hex;
  } catch (cause) {
    if (!(cause instanceof NoAccount)) throw cause;
    throw new AccountError("Nothing says whose things are meant.", {
      whatToDo: "Name the address, or the account as for signing: --keystore or --dev-account.",
      cause,
    });
  }
}
