import { bytesToHex } from "viem";
import { callChain } from "../../client/actions/call-chain.ts";
import { getAccount } from "../../client/actions/get-account.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { RelayableOperation } from "../../client/actions/verify-relayable.ts";
import { escapeText } from "../../escape-text.ts";
import { RelayFileError } from "../operation/relay-file.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { nameOfFile } from "../terminal/read-file.ts";

/** A file with the operation that was found in it. */
export interface RelayedFile {
  /** As it was given on the command line. */
  readonly file: string;
  readonly operation: RelayableOperation;
}

/**
 * Checks that each operation would apply next, in the order given: its deadline is later than the
 * newest block, and its nonce is its account's next one after those in front of it.
 *
 * @throws RelayFileError: expired, nonce_spent or nonce_ahead, and what queries and `callChain`
 * throw.
 */
export async function requireTurns(
  client: TallyrollClient,
  relayed: readonly RelayedFile[],
): Promise<void> {
  const { timestamp } = await callChain(client, "read the newest block", () =>
    client.publicClient.getBlock(),
  );
  const nextNonces = new Map<string, number>();
  for (const { file, operation } of relayed) {
    const { authorization } = operation;
    const called = escapeText(nameOfFile(file));
    const { nonce, deadlineSec } = authorization;
    const account = bytesToHex(authorization.account);
    if (deadlineSec <= Number(timestamp)) {
      const words = `was valid until ${formatTime(deadlineSec)}, and the newest block is of ${formatTime(Number(timestamp))}`;
      throw new RelayFileError("expired", `${called} ${words}.`, {
        whatToDo: "Sign it again with --relay-out, and a longer --relay-for.",
      });
    }
    const next = nextNonces.get(account) ?? (await getAccount(client, { account })).nonce;
    if (nonce !== next) throw outOfTurn(called, account, nonce, next);
    nextNonces.set(account, next + 1);
  }
}

function outOfTurn(called: string, account: string, nonce: number, next: number): RelayFileError {
  const turn = `${called} has nonce ${nonce} of ${account}, whose next one is ${next}`;
  if (nonce < next) {
    return new RelayFileError("nonce_spent", `${turn}: it is spent.`, {
      whatToDo:
        "Do nothing if it has applied already: each counts once. Otherwise have it signed again.",
    });
  }
  return new RelayFileError("nonce_ahead", `${turn}: it is ahead.`, {
    whatToDo:
      "Give the files in front of it first, in the order of their nonces, or wait for them.",
  });
}
