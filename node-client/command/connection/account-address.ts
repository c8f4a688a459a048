import type { Hex } from "../../../spec/outputs.ts";
import { parseAddress } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  AccountError,
  findDevelopmentAccount,
  NoAccount,
  resolveAccount,
} from "./account-options.ts";
import { resolveConnection } from "./connection-options.ts";
import { readKeystore } from "./keystore.ts";
import type { ActorOptions } from "./online.ts";

/** An address of the command line, lower case. */
export const parseAddressHex = (text: string): Hex =>
  `0x${Buffer.from(parseAddress(text)).toString("hex")}`;

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
