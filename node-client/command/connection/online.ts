import type { LocalAccount } from "viem/accounts";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { checkClient } from "../../client/actions/chain-status.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../client/actions/tallyroll-client.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { addJsonOption } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  AccountError,
  addAccountOptions,
  findDevelopmentAccount,
  NoAccount,
  resolveAccount,
} from "./account-options.ts";
import { addConnectionOptions, type Connection, resolveConnection } from "./connection-options.ts";
import { readKeystore } from "./keystore.ts";

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

const ChainDiffers = errorKind("ChainDiffers");

/** For every command that asks an application. */
export const addReaderOptions = shareOptions((command) =>
  command.with(addConnectionOptions).with(addJsonOption),
);
export type ReaderOptions = OptionsIn<typeof addReaderOptions>;

/** For every command that acts for an account. */
export const addActorOptions = shareOptions((command) =>
  command.with(addAccountOptions).with(addReaderOptions),
);
export type ActorOptions = OptionsIn<typeof addActorOptions>;

/** @throws ClientError when no application is named, nobody answers, or it is the wrong chain. */
export async function connect<Options extends ReaderOptions>(
  options: Options,
  terminal: Terminal,
): Promise<Online & { readonly options: Options }> {
  const connection = resolveConnection(options, terminal.io);
  return { options, terminal, connection, client: await openClient(connection, undefined) };
}

/**
 * Connects for an account, and checks that the application and its contracts are there: what is
 * sent to an address without code is lost without a word.
 */
export async function connectActor<Options extends ActorOptions>(
  options: Options,
  terminal: Terminal,
): Promise<OnlineActor & { readonly options: Options }> {
  const connection = resolveConnection(options, terminal.io);
  const account = await resolveAccount(options, connection, terminal);
  const client = await openClient(connection, account);
  await checkClient(client);
  const address = account.address.toLowerCase() as Hex;
  return { options, terminal, connection, client, account, address };
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
