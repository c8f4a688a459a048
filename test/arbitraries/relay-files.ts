import { bytesToHex } from "@noble/hashes/utils.js";
import { privateKeyToAccount } from "viem/accounts";
import { verifyRelayable } from "../../node-client/client/signing/verify-relayable.ts";
import { formatRelayFile } from "../../node-client/command/operation/relay-file.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import type { AccountClaim } from "../../spec/typed-data.ts";
import { HERE, type SigningPlace, signQuickly, toBytes } from "./signers.ts";

/** Signed operations as files, and files that only look like them. */

/** What `parseRelayFile` needs of a client. */
export const READER = {
  crypto: nobleCrypto,
  at: HERE,
  chainId: Number(HERE.chainId),
  app: `0x${bytesToHex(HERE.app)}`,
} as const;

const secretOf = (who: number): Uint8Array => new Uint8Array(32).fill(who + 1);
const addresses = [0, 1].map((who) =>
  toBytes(privateKeyToAccount(`0x${bytesToHex(secretOf(who))}`).address),
);

/** One of the two accounts of these files, 20 bytes. */
export function accountOf(who: number): Uint8Array {
  const address = addresses[who];
  if (address === undefined) throw new RangeError("there are two accounts");
  return address;
}

/** An operation that an account has signed. */
export function signAs(
  who: number,
  body: SignableBody,
  { nonce = 0, deadlineSec = 2_000_000_000 }: Partial<AccountClaim> = {},
  place: SigningPlace = HERE,
): Operation {
  const claim = { account: accountOf(who), nonce, deadlineSec };
  return signQuickly(secretOf(who), claim, body, place);
}

/** The file of an honest signer. */
export const honestFile = (operation: Operation): string =>
  formatRelayFile(READER, verifyRelayable(READER, operation));

/** A file whose words are as given and whose payload is anything. */
export const forgeFile = (
  operations: readonly Operation[],
  words: Readonly<Record<string, unknown>>,
): string => forgePayload(`0x${bytesToHex(encodePlainEnvelope(operations))}`, words);

export function forgePayload(payload: unknown, words: Readonly<Record<string, unknown>>): string {
  const head = { format: "tallyroll operation 1", chain_id: READER.chainId, app: READER.app };
  return JSON.stringify({ ...head, ...words, payload });
}

/** What a stranger writes beside an operation that is not signed by the account they name. */
export const wordsFor = (who: number, kind: string): Readonly<Record<string, unknown>> => ({
  ...{ kind, account: `0x${bytesToHex(accountOf(who))}`, nonce: 0 },
  deadline: new Date(2_000_000_000_000).toISOString(),
});
