import type { OperationBody } from "../../../spec/operations.ts";
import type { SignedBatch } from "../device/signed-batch.ts";
import type { RelayableOperation } from "../signing/verify-relayable.ts";

/** An act of the account that sends it. Its body is its author's own: none was decoded. */
export interface OwnOperation {
  readonly authorization: { readonly by: "sender" };
  readonly body: OperationBody;
}

/**
 * What may go into an input. A decoded `Operation` is none of them until `verifyRelayable` or
 * `requireSignedBatch` has looked at it: it could be anybody's order to the account that sends it.
 */
export type SendableOperation = OwnOperation | SignedBatch | RelayableOperation;
