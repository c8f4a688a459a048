import type { Hex } from "viem";
import { type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { getDevelopmentAccount } from "../../chain/chain-client.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { ACCOUNT_OPTIONS } from "../options/help-text.ts";
import { parseWhole } from "../options/parse-arguments.ts";
import { readPassword } from "../terminal/ask-person.ts";
import { errorKind } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Connection } from "./connection-options.ts";
import { openKeystore, readKeystore } from "./keystore.ts";

const DEVELOPMENT_CHAIN_ID = 31_337;
const DEVELOPMENT_ACCOUNTS = 10;

export const AccountError = errorKind("AccountError");

/** Nothing names an account. */
export class NoAccount extends AccountError {
  override readonly name = "NoAccount";
}

/** Adds `--keystore` and `--dev-account`. A private key is never an argument. */
export const addAccountOptions = shareOptions(
  (command) =>
    command
      .option(
        "--keystore <file>",
        "sign with this keystore's key (default: $TALLYROLL_KEYSTORE, else $TALLYROLL_PRIVATE_KEY)",
      )
      .notWith("devAccount")
      .option(
        "--dev-account <n>",
        "on the local rollup only: sign with a development account, whose key is public",
        parseWhole(0, DEVELOPMENT_ACCOUNTS - 1),
      ),
  ACCOUNT_OPTIONS,
);

/**
 * The account that signs: the one an option names, else `TALLYROLL_KEYSTORE`, else
 * `TALLYROLL_PRIVATE_KEY`.
 *
 * @param connection Development accounts sign for a data folder's own local rollup only.
 * @throws AccountError when there is none, or its key is wrong.
 */
export async function resolveAccount(
  { keystore, devAccount }: OptionsIn<typeof addAccountOptions>,
  connection: Connection | undefined,
  terminal: Terminal,
): Promise<LocalAccount> {
  if (devAccount !== undefined) {
    const account = findDevelopmentAccount(devAccount, connection);
    const { address } = account;
    terminal.note(`Signing as development account ${devAccount}, ${address}: its key is public.`);
    return account;
  }
  const file = keystore ?? terminal.io.env.TALLYROLL_KEYSTORE;
  if (file) {
    const kept = readKeystore(file, terminal.io);
    const password = await readPassword({ path: kept.path, isNew: false }, terminal);
    return privateKeyToAccount(await openKeystore(kept, password));
  }
  const digits = terminal.io.env.TALLYROLL_PRIVATE_KEY;
  if (digits) return fromPrivateKey(digits);
  throw new NoAccount("There is no account to sign with.", {
    whatToDo:
      "Give --keystore FILE, set TALLYROLL_PRIVATE_KEY, or use --dev-account 0 on a local rollup.",
  });
}

/**
 * Everybody knows its key: what it signs is worth nothing outside a local chain.
 *
 * @throws AccountError anywhere else.
 */
export function findDevelopmentAccount(
  index: number,
  connection: Connection | undefined,
): LocalAccount {
  if (connection?.local?.chainId !== DEVELOPMENT_CHAIN_ID) {
    throw new AccountError("A development account signs on the local development chain only.", {
      whatToDo:
        "Give --keystore FILE or set TALLYROLL_PRIVATE_KEY; everybody knows the development keys.",
    });
  }
  return getDevelopmentAccount(index);
}

function fromPrivateKey(digits: string): LocalAccount {
  const match = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(digits.trim());
  try {
    if (match?.[1] !== undefined) return privateKeyToAccount(`0x${match[1]}` as Hex);
  } catch {
    // Zero, or beyond the curve's order: no key either. The text stays out of the message.
  }
  throw new AccountError("TALLYROLL_PRIVATE_KEY holds no private key.", {
    whatToDo: "Set it to 64 hexadecimal digits, or give --keystore FILE.",
  });
}
