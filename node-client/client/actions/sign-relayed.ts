import type { SignableBody } from "../../../spec/operations.ts";
import { signOperation, type TypedDataSigner } from "../signing/sign-operation.ts";
import { type RelayableOperation, verifyRelayable } from "../signing/verify-relayable.ts";
import { getAccount } from "./account-queries.ts";
import { callChain } from "./call-chain.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

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
