import { bytesToHex } from "viem";
import type { Crypto } from "../../../spec/crypto.ts";
import type { Authorization, Operation, SignableBody } from "../../../spec/operations.ts";
import { computeOperationDigest } from "../../../spec/typed-data.ts";
import { ClientError } from "../../errors.ts";
import { findSignatureFlaw } from "./find-signature-flaw.ts";
import type { SignOperationOptions } from "./sign-operation.ts";

declare const isVerified: unique symbol;

/**
 * An operation that its own account has signed for this application, and that was seen to be.
 * `verifyRelayable` alone makes one, so that nothing else of others gets into an input.
 */
export interface RelayableOperation {
  readonly authorization: Extract<Authorization, { by: "account" }>;
  readonly body: SignableBody;
  readonly [isVerified]: true;
}

/** An operation of somebody else is not signed by the account that it names. */
export class NotRelayable extends ClientError {
  override readonly name: string = "NotRelayable";
  readonly reason: "authorization" | "signature" | "signer";

  constructor(reason: NotRelayable["reason"], words: string, whatToDo: string) {
    super(words, { whatToDo });
    this.reason = reason;
  }
}

/**
 * Takes an operation for sending in its account's name: it must be authorized by an account's
 * signature over the EIP-712 typed data of this chain and application. One that is authorized by
 * its sender would be the act of whoever sends it.
 *
 * @param called How messages name it: a file, for example, already escaped.
 * @throws NotRelayable
 * @example
 * const operations = [verifyRelayable(client, received)];
 * await sendOperations(client, { operations });
 */
export function verifyRelayable(
  client: {
    readonly crypto: Crypto;
    readonly at: Pick<SignOperationOptions, "chainId" | "app">;
  },
  { authorization, body }: Operation,
  called = "The operation",
): RelayableOperation {
  if (authorization.by !== "account" || body.kind === "submit") {
    const by =
      authorization.by === "sender"
        ? `by whoever sends it: this account would ${body.kind} for itself`
        : `by a ${authorization.by}, as a ${body.kind}, and not by an account`;
    const whatToDo = "Do not send it; ask for one that its account has signed for relaying.";
    throw new NotRelayable("authorization", `${called} is authorized ${by}.`, whatToDo);
  }
  const account = bytesToHex(authorization.account);
  const askAgain = `Ask ${account} to sign it again, for this chain and application.`;
  const flaw = findSignatureFlaw(authorization.signature);
  if (flaw !== undefined) {
    throw new NotRelayable("signature", `${called}: its signature ${flaw.words}.`, askAgain);
  }
  const digest = computeOperationDigest(client.at, authorization, body);
  const signer = client.crypto.recoverAddress(digest, authorization.signature);
  if (signer === undefined || bytesToHex(signer) !== account) {
    const who = signer === undefined ? "nobody" : bytesToHex(signer);
    const words = `${called} is signed by ${who}, not by the account ${account} that it names.`;
    throw new NotRelayable("signer", words, askAgain);
  }
  // The one place where the mark is given.
  return { authorization, body } as RelayableOperation;
}
