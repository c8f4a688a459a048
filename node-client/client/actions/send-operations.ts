import { hexToBytes } from "viem";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../../spec/envelope.ts";
import type { OperationBody } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { systemRandom } from "../device/random-source.ts";
import type { SignedBatch } from "../device/signed-batch.ts";
import { requireBody } from "../signing/require-body.ts";
import type { RelayableOperation } from "../signing/verify-relayable.ts";
import { addInput, type SendOptions } from "./add-input.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";

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

export interface SendOperationsOptions extends SendOptions {
  /**
   * 1 to 256, applied in order, each wholly or not at all. What others have made goes through
   * `verifyRelayable` or `requireSignedBatch` first: a decoded operation may be authorized by its
   * sender, which is this account.
   */
  readonly operations: readonly SendableOperation[];
  /** The machine's X25519 public key (query `root`): hides the operations from the public chain. */
  readonly seal?: Uint8Array | undefined;
}

/**
 * Sends operations as one input: plain, or sealed to the machine.
 *
 * @throws RangeError for no or too many operations, BodyInvalid for a field outside its bounds, and
 * what `addInput` throws.
 * @example
 * const body = { kind: "revoke_device", deviceId: 1 } as const;
 * await sendOperations(client, { operations: [{ authorization: { by: "sender" }, body }] });
 */
export async function sendOperations(
  client: TallyrollClient,
  { operations, seal, ...send }: SendOperationsOptions,
): Promise<{ readonly transactionHash: Hex }> {
  for (const { body } of operations) requireBody(body);
  if (seal === undefined) {
    return await addInput(client, { payload: encodePlainEnvelope(operations), ...send });
  }
  // A sealed input opens for its own sender only.
  const sender = hexToBytes(requireWallet(client).account.address);
  const at = { ...client.at, sender };
  const payload = encodeSealedEnvelope(client.crypto, operations, seal, systemRandom(32), at);
  return await addInput(client, { payload, ...send });
}
