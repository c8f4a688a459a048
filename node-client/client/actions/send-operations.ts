import { hexToBytes } from "viem";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../../spec/envelope.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { systemRandom } from "../device/random-source.ts";
import { requireBody } from "../signing/require-body.ts";
import { addInput, type SendOptions } from "./add-input.ts";
import type { SendableOperation } from "./sendable-operation.ts";
import { requireWallet, type TallyrollClient } from "./tallyroll-client.ts";

export interface SendOperationsOptions extends SendOptions {
  /**
   * 1 to 256, applied in order, each wholly or not at all. What others have made goes through
   * `verifyRelayable` or `requireSignedBatch` first: a decoded operation may be authorized by its
   * sender, which is this account.
   */
  readonly operations: readonly SendableOperation[];
  /** The machine's X25519 public key (query `root`): hides the operations from the public chain. */
  readonly seal?: Uint8Array;
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
  const payload = encodeOperations(client, operations, seal);
  return await addInput(client, { payload, ...send });
}

/** The payload of one input that carries these operations, for the client's account to send. */
function encodeOperations(
  client: TallyrollClient,
  operations: readonly SendableOperation[],
  seal: Uint8Array | undefined,
): Uint8Array {
  for (const { body } of operations) requireBody(body);
  if (seal === undefined) return encodePlainEnvelope(operations);
  // A sealed input opens for its own sender only.
  const sender = hexToBytes(requireWallet(client).account.address);
  const at = { ...client.at, sender };
  return encodeSealedEnvelope(client.crypto, operations, seal, systemRandom(32), at);
}
