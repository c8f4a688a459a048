import type { Crypto } from "../../spec/crypto.ts";
import type { InputContext } from "../../spec/input.ts";
import type { Operation } from "../../spec/operations.ts";
import { type Refused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import { computeOperationDigest } from "../../spec/typed-data.ts";
import { checkSigner } from "./budget.ts";
import type { Budget } from "./operation-context.ts";
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
    const values = { deadlineSec, nowSec: at.timestampSec };
    return refuse("authorization_expired", TIMED_DETAILS.authorization_expired, values);
  }
  const nextNonce = store.accounts.get(account)?.nonce ?? 0;
  if (nonce !== nextNonce) {
    const values = { nonce, nextNonce };
    return refuse(
      "authorization_nonce_wrong",
      "the next nonce is {nextNonce}, not {nonce}",
      values,
    );
  }
  const digest = () => computeOperationDigest(at, authorization, body);
  const unsigned = checkSigner({ crypto, budget }, signature, digest, [account], (signer) => {
    const detail = "signed by {signer} for this application, not by {account}";
    return refuse("authorization_signature_wrong", detail, { signer, account });
  });
  if (unsigned !== undefined) return unsigned;
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
