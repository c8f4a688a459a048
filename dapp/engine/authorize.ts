import type { Crypto } from "../../spec/crypto.ts";
import type { InputContext } from "../../spec/input.ts";
import type { Operation } from "../../spec/operations.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { computeOperationDigest } from "../../spec/typed-data.ts";
import { equalBytes } from "../../spec/words.ts";
import { type Budget, hex, nameAccount } from "./operation-context.ts";
import { refuseSignature } from "./refuse-budget.ts";
import type { Store } from "./store.ts";

/** Who acts, once the authorization holds. */
export interface Actor {
  readonly account: Uint8Array;
  /** Present where a device authorized the operation. */
  readonly deviceSignature: Uint8Array | undefined;
  /** True where an account's signature did, whose nonce the applied operation consumes. */
  readonly consumesNonce: boolean;
}

/** §1.5 Submissions are authorized by their device, everything else by an account. */
export function authorize(
  operation: Operation,
  at: InputContext,
  store: Store,
  crypto: Crypto,
  budget: Budget,
): Actor | Refused {
  const { authorization, body } = operation;
  if (body.kind === "submit") {
    if (authorization.by !== "device") {
      return refuse("authorization_kind_wrong", "a submission carries its device's signature");
    }
    const deviceSignature = authorization.signature;
    return { account: at.sender, deviceSignature, consumesNonce: false };
  }
  if (authorization.by === "device") {
    return refuse("authorization_kind_wrong", "a device signs submissions only");
  }
  if (authorization.by === "sender") {
    return { account: at.sender, deviceSignature: undefined, consumesNonce: false };
  }
  const { account, nonce, deadlineSec, signature } = authorization;
  if (at.timestampSec >= deadlineSec) {
    return refuse(
      "authorization_expired",
      `the deadline is ${deadlineSec}, now is ${at.timestampSec}`,
    );
  }
  const expectedNonce = store.accounts.get(account)?.nonce ?? 0;
  if (nonce !== expectedNonce) {
    return refuse("authorization_nonce_wrong", `the next nonce is ${expectedNonce}, not ${nonce}`);
  }
  if (budget.signatures <= 0) return refuseSignature();
  budget.signatures -= 1;
  const digest = computeOperationDigest(at, authorization, body);
  const signer = crypto.recoverAddress(digest, signature);
  if (signer === undefined || !equalBytes(signer, account)) {
    return refuse(
      "authorization_signature_wrong",
      `signed by ${nameAccount(signer)} for this application, not by ${hex(account)}`,
    );
  }
  return { account, deviceSignature: undefined, consumesNonce: true };
}

/** Part of the operation's commit: the nonce is gone once the operation applied. */
export function consumeNonce(store: Store, account: Uint8Array): void {
  const row = store.accounts.get(account);
  store.accounts.put({
    account,
    nonce: (row?.nonce ?? 0) + 1,
    encryptionKey: row?.encryptionKey ?? null,
  });
}
