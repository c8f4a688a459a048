import { hexToBytes } from "viem";
import { encodePlainEnvelope, encodeSealedEnvelope } from "../../../spec/envelope.ts";
import type { OperationBody, SignableBody } from "../../../spec/operations.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { systemRandom } from "../device/device-signer.ts";
import type { SignedBatch } from "../device/signed-batch.ts";
import { requireBody } from "../signing/require-body.ts";
import { signOperation, type TypedDataSigner } from "../signing/sign-operation.ts";
import { type RelayableOperation, verifyRelayable } from "../signing/verify-relayable.ts";
import { getAccount } from "./account-queries.ts";
import { addInput, type SendOptions } from "./add-input.ts";
import { callChain } from "./call-chain.ts";
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
  for (const { body, authorization } of operations) requireBody(body, authorization.by);
  if (seal === undefined) {
    return await addInput(client, { payload: encodePlainEnvelope(operations), ...send });
  }
  // A sealed input opens for its own sender only.
  const sender = hexToBytes(requireWallet(client).account.address);
  const at = { ...client.at, sender };
  const payload = encodeSealedEnvelope(client.crypto, operations, seal, systemRandom(32), at);
  return await addInput(client, { payload, ...send });
}

/** An operation that its account signs and another one sends. */
export interface RelayOptions {
  /** Whose operation it is: needs no Ether. */
  readonly signer: TypedDataSigner;
  /** Unix seconds: it applies in earlier blocks only. An hour after the newest block by default. */
  readonly deadlineSec?: number;
  /** The account's next nonce; asked for unless given. */
  readonly nonce?: number;
}

const VALID_SEC = 3_600;

/**
 * Signs an operation for anybody to relay: by `sendOperations`, together with others or alone.
 *
 * @throws BodyInvalid, SignOperationError for signers without a key, NotRelayable for a signature by
 * another key, and what queries and `callChain` throw.
 * @example
 * const operation = await signRelayed(client, {
 *   signer: owner, body: { kind: "revoke_device", deviceId: 1 },
 * });
 * await sendOperations(relayerClient, { operations: [operation] });
 */
export async function signRelayed(
  client: TallyrollClient,
  { body, signer, deadlineSec, nonce }: RelayOptions & { readonly body: SignableBody },
): Promise<RelayableOperation> {
  const account = signer.address;
  const operation = await signOperation(
    signer,
    {
      ...client.at,
      nonce: nonce ?? (await getAccount(client, { account })).nonce,
      deadlineSec: deadlineSec ?? (await readChainTimeSec(client)) + VALID_SEC,
    },
    body,
  );
  return verifyRelayable(client, operation);
}

/** The newest block's time: deadlines are judged by blocks, not by clocks. */
async function readChainTimeSec(client: TallyrollClient): Promise<number> {
  const { timestamp } = await callChain(client, "read the newest block", () =>
    client.publicClient.getBlock(),
  );
  return Number(timestamp);
}
